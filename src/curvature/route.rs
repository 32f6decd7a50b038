//! Whether all of a Hessian's spectrum is computed or the leading pairs alone, and what that takes.

use serde::{Deserialize, Serialize};

use crate::mlp::{MAX_PARAMETERS, parameter_count};

/// How much of the spectrum is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SpectrumMode {
    /// All of it for up to 3000 parameters, the leading pairs beyond. In an ensemble, which is about nothing else, the
    /// leading pairs alone.
    #[default]
    Auto,
    /// The matrix and all of its eigenvalues, for up to 5000 parameters.
    Full,
    /// The leading pairs alone, from products with H.
    Leading,
}

/// How the leading pairs were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// From the matrix, with all eigenvalues.
    Full,
    /// From products with H, with no other eigenvalues.
    Leading,
}

/// By what means the leading pairs are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The matrix, and all of its eigenvalues.
    Spectrum,
    /// The matrix, and the Lanczos method on it.
    Matrix,
    /// The Lanczos method on products with H.
    Products,
}

impl From<Route> for Method {
    /// Without any matrix where leading pairs are wanted.
    fn from(route: Route) -> Self {
        match route {
            Route::Full => Method::Spectrum,
            Route::Leading => Method::Products,
        }
    }
}

impl Method {
    /// What is found by it.
    pub fn route(self) -> Route {
        match self {
            Method::Spectrum => Route::Full,
            Method::Matrix | Method::Products => Route::Leading,
        }
    }

    /// That of the two without all eigenvalues which is expected to take less time, for layers n_0, …, n_L and so many
    /// samples of the Hessian: a comparison of sizes, so that every machine chooses the same.
    ///
    /// The matrix takes some N P² multiplications, and each of m products with it P² numbers from memory, as long as 4 P²
    /// multiplications. A product without it takes N G, G = Σ_l 6 n_l n_{l−1} − 4 n_1 n_0, three times as long each: its
    /// matrices are small.
    pub fn fastest(layers: &[usize], samples: usize) -> Method {
        const PRODUCTS: f64 = 35.0; // for five pairs, with their check
        let square = (parameter_count(layers) as f64).powi(2);
        let samples = samples as f64;
        let with_matrix = square * (samples + 4.0 * PRODUCTS);
        let without = 3.0 * PRODUCTS * samples * multiplications_of_product(layers);
        if with_matrix < without { Method::Matrix } else { Method::Products }
    }
}

/// Multiplications of a product with H, for each sample.
fn multiplications_of_product(layers: &[usize]) -> f64 {
    let weights: f64 = layers.windows(2).map(|pair| pair[0] as f64 * pair[1] as f64).sum();
    6.0 * weights - 4.0 * layers[0] as f64 * layers[1] as f64
}

/// Most parameters for which [`SpectrumMode::Auto`] takes the matrix.
pub const DENSE_PARAMETERS: usize = 3000;

/// Most bytes that the leading pairs of a run may take: in the browser a worker's memory has addresses of 32 bits.
pub const MAX_LEADING_BYTES: f64 = if cfg!(target_arch = "wasm32") { 3e9 } else { 8e9 };

/// Most floating-point operations that the leading pairs of a checkpoint may take: hours natively, half an hour in the
/// browser.
pub const MAX_LEADING_OPERATIONS: f64 = if cfg!(target_arch = "wasm32") { 1e13 } else { 1e14 };

/// [`SpectrumMode::method`] or [`SpectrumMode::brief_method`].
pub type ChooseMethod = fn(SpectrumMode, &[usize], usize) -> Method;

impl SpectrumMode {
    /// All modes, in the order in which they are offered.
    pub const ALL: [SpectrumMode; 3] = [SpectrumMode::Auto, SpectrumMode::Full, SpectrumMode::Leading];

    /// The route for a network with P parameters.
    pub fn route(self, parameters: usize) -> Route {
        match self {
            SpectrumMode::Full => Route::Full,
            SpectrumMode::Auto if parameters <= DENSE_PARAMETERS => Route::Full,
            SpectrumMode::Auto | SpectrumMode::Leading => Route::Leading,
        }
    }

    /// By what means leading pairs are found, for layers n_0, …, n_L and so many samples of the Hessian.
    pub fn method(self, layers: &[usize], _samples: usize) -> Method {
        self.route(parameter_count(layers)).into()
    }

    /// The same where nothing else is of interest: [`SpectrumMode::Auto`] is then the method that takes less time.
    pub fn brief_method(self, layers: &[usize], samples: usize) -> Method {
        match self {
            SpectrumMode::Auto => Method::fastest(layers, samples),
            SpectrumMode::Full | SpectrumMode::Leading => self.method(layers, samples),
        }
    }

    /// The route for layers n_0, …, n_L, so many samples of the Hessian, k leading pairs and so many checkpoints.
    ///
    /// # Errors
    /// What is said of the layers where the route would take too much: the rest of a sentence.
    pub fn allowed(
        self,
        layers: &[usize],
        samples: usize,
        leading: usize,
        checkpoints: usize,
    ) -> std::result::Result<Route, String> {
        let count = parameter_count(layers);
        let route = self.route(count);
        if route == Route::Full {
            let refused = format!(
                "makes {count} parameters; a dense Hessian is computed up to {MAX_PARAMETERS}, and leading eigenvectors \
                 without it for more (\"spectrum\": \"leading\")"
            );
            return if count > MAX_PARAMETERS { Err(refused) } else { Ok(route) };
        }
        // k vectors and θ of each checkpoint: once to compare with, once as a result.
        let history = 2.0 * checkpoints as f64 * vectors(leading + 1, count);
        let bytes = leading_bytes(layers, samples, leading) + history;
        if bytes > MAX_LEADING_BYTES {
            return Err(format!(
                "makes {count} parameters, whose leading eigenvectors would take {:.1} GB of memory; at most {:.0} GB are \
                 allowed (fewer or narrower layers, fewer checkpoints or a smaller `leading` need less)",
                bytes / 1e9,
                MAX_LEADING_BYTES / 1e9
            ));
        }
        let operations = leading_operations(layers, samples, leading);
        if operations > MAX_LEADING_OPERATIONS {
            return Err(format!(
                "makes {count} parameters, whose leading eigenvectors would take about {operations:.0e} floating-point \
                 operations per checkpoint; at most {MAX_LEADING_OPERATIONS:.0e} are allowed (fewer or narrower layers, \
                 fewer `hessian_samples` or a smaller `leading` need less)"
            ));
        }
        Ok(route)
    }
}

/// Bytes of so many vectors of P numbers.
fn vectors(number: usize, parameters: usize) -> f64 {
    8.0 * number as f64 * parameters as f64
}

/// Bytes in which k leading pairs of one Hessian are found by products: the basis, the operator's passes over all samples,
/// its packed weights and its sums.
pub fn leading_bytes(layers: &[usize], samples: usize, leading: usize) -> f64 {
    let count = parameter_count(layers);
    let (inputs, first, last) = (layers[0] as f64, layers[1] as f64, layers[layers.len() - 1] as f64);
    let units = layers[1..].iter().sum::<usize>() as f64;
    // x, a and δ as they are and packed in two ways, φ′ and φ″; δ of the first layer is not packed, and the last layer has
    // no φ.
    let passes = 8.0 * samples as f64 * (3.0 * inputs + 8.0 * units - 2.0 * first - 3.0 * last);
    vectors(BASIS + 3 * leading, count) + vectors(OPERATOR, count) + passes
}

/// Vectors of the basis, beside three for each pair.
const BASIS: usize = 60;
/// Vectors that the operator holds: packed weights and directions, sums of its groups.
const OPERATOR: usize = 16;

/// Floating-point operations in which k leading pairs of one Hessian are found by products, as far as can be foreseen.
pub fn leading_operations(layers: &[usize], samples: usize, leading: usize) -> f64 {
    let products = (60 + 20 * leading) as f64;
    let per_product = 2.0 * samples as f64 * multiplications_of_product(layers);
    // A product, and its part in an orthonormal basis.
    products * (per_product + 8.0 * (BASIS + 3 * leading) as f64 * parameter_count(layers) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_takes_the_matrix_where_it_is_affordable() {
        for (mode, parameters, route) in [
            (SpectrumMode::Auto, 3000, Route::Full),
            (SpectrumMode::Auto, 3001, Route::Leading),
            (SpectrumMode::Full, 3001, Route::Full),
            (SpectrumMode::Leading, 9, Route::Leading),
        ] {
            assert_eq!(mode.route(parameters), route);
        }
    }

    /// P = 231 with 1128 multiplications per sample and product, P = 186 with 896, P = 610 with 1504, P = 1210 with 3008.
    #[test]
    fn small_deep_networks_take_the_matrix() {
        assert_eq!(Method::fastest(&[2, 12, 12, 3], 300), Method::Matrix);
        assert_eq!(Method::fastest(&[2, 8, 8, 8, 2], 300), Method::Matrix);
        assert_eq!(Method::fastest(&[64, 8, 10], 512), Method::Products);
        assert_eq!(Method::fastest(&[64, 16, 10], 1797), Method::Products);
    }

    #[test]
    fn sizes_are_refused_by_what_they_take() {
        let large = [64, 1000, 32, 10]; // 97,362 parameters
        assert_eq!(SpectrumMode::Auto.allowed(&large, 1797, 5, 41), Ok(Route::Leading));
        assert_eq!(SpectrumMode::Leading.allowed(&[64, 1300, 10], 1797, 5, 201), Ok(Route::Leading));
        let refused = |mode: SpectrumMode, layers: &[usize], samples, leading, checkpoints| {
            mode.allowed(layers, samples, leading, checkpoints).unwrap_err()
        };
        let dense = refused(SpectrumMode::Full, &large, 1797, 5, 41);
        assert!(
            dense.contains("97362 parameters; a dense Hessian is computed up to 5000") && dense.contains("leading")
        );
        // By hand: 2 × 2001 × 6 vectors of 97,362 numbers are 18.7 GB.
        let history = refused(SpectrumMode::Auto, &large, 1797, 5, 2001);
        assert!(history.contains(" 18.") || history.contains(" 19."), "{history}");
        assert!(refused(SpectrumMode::Leading, &[4096, 4096, 4096, 10], 100, 5, 1).contains("GB of memory"));
        assert!(refused(SpectrumMode::Leading, &[64, 1000, 10], 10_000_000, 1, 1).contains("of memory"));
        assert!(refused(SpectrumMode::Leading, &[2, 500, 500, 2], 40_000, 200, 1).contains("floating-point"));
    }
}
