//! The pictures, by name and title, in the page's order.

use super::choice::choice;

choice! {
    /// A picture. Its name stands in links and markup, its label is its title.
    Picture {
        /// Classes and loss at the cursor, and along an eigenvector.
        Function = "function", "What the network does";
        /// One eigenvector on the network, at the cursor.
        Network = "network", "Where v lives";
        /// Inverse participation ratio over training.
        Localization = "localization", "Localization";
        /// Subspace overlap of every two checkpoints.
        Overlap = "overlap", "Two-time overlap";
        /// Displacement against lag.
        Displacement = "displacement", "Displacement";
        /// The entries of one eigenvector over training.
        Eigenvector = "eigenvector", "Eigenvector over training";
        /// Leading eigenvalues with the stability threshold.
        Eigenvalues = "eigenvalues", "Leading eigenvalues";
        /// Loss and accuracy.
        Loss = "loss", "Loss and accuracy";
        /// All eigenvalues at the cursor.
        Spectrum = "spectrum", "Spectrum at the cursor";
        /// Shares of gradient and update in the leading subspace.
        Shares = "shares", "Gradient and update shares";
    }
}
