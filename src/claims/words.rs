//! The claims in words.

use super::estimate::Claim;

impl Claim {
    /// The claim in a few words, about runs with these names; one that begins with … adds to the one before it.
    pub fn title(self, a: &str, b: &str) -> String {
        match self {
            Claim::AStabilizes => format!("{a}'s leading directions become more stable"),
            Claim::BStabilizes => format!("{b}'s leading directions become more stable"),
            Claim::BReorganizes => format!("{b} reorganizes them more, step by step"),
            Claim::BReorganizesMatchedLoss | Claim::BLocalizesMatchedLoss => "… also at matched loss".to_owned(),
            Claim::BReorganizesMatchedDistance => "… also at matched distance".to_owned(),
            Claim::BLocalizes => format!("{b} localizes them more than {a}"),
            Claim::ABeyondNull => format!("{a} localizes beyond the null model"),
            Claim::BBeyondNull => format!("{b} localizes beyond the null model"),
            Claim::BAxes => format!("… because of {b}'s own axes"),
            Claim::GradientInSubspaceA => format!("{a}'s gradient lies in the leading subspace"),
            Claim::GradientInSubspaceB => format!("{b}'s gradient lies in the leading subspace"),
            Claim::UpdateInSubspaceA => format!("{a}'s update lies in the leading subspace"),
            Claim::UpdateInSubspaceB => format!("{b}'s update lies in the leading subspace"),
        }
    }

    /// What its estimate compares, in a few words.
    pub fn detail(self, a: &str, b: &str) -> String {
        match self {
            Claim::AStabilizes => format!("D {a} at lag N/10, early − late"),
            Claim::BStabilizes => format!("D {b} at lag N/10, early − late"),
            Claim::BReorganizes => format!("D {b} − D {a} at lag N/10, late"),
            Claim::BReorganizesMatchedLoss => format!("D {b} − D {a} while the loss halves"),
            Claim::BReorganizesMatchedDistance => format!("D {b} − D {a} at equal weight displacement"),
            Claim::BLocalizes => format!("IPR {b} ÷ IPR {a}, last fifth"),
            Claim::BLocalizesMatchedLoss => format!("IPR {b} ÷ IPR {a} at the lowest common loss"),
            Claim::ABeyondNull => format!("IPR {a} ÷ IPR of the null model"),
            Claim::BBeyondNull => format!("IPR {b} ÷ IPR of the null model"),
            Claim::BAxes => format!("IPR {b} ÷ IPR {b} in a rotated basis"),
            Claim::GradientInSubspaceA | Claim::GradientInSubspaceB => "share of ‖g‖² × P/k, last fifth".to_owned(),
            Claim::UpdateInSubspaceA | Claim::UpdateInSubspaceB => "share of ‖Δθ‖² × P/k, last fifth".to_owned(),
        }
    }
}
