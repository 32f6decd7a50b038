// Generated from the Rust records by `headless types`; do not edit.

/** Numbers that may be passed in as a plain or a typed array. */
export type Numbers =
    | readonly number[]
    | Float64Array
    | Float32Array
    | Int32Array
    | Uint32Array
    | Int16Array
    | Uint16Array
    | Int8Array
    | Uint8Array
    | Uint8ClampedArray;

/** The activation φ of the hidden layers. */
export type Activation = "tanh" | "sigmoid" | "relu" | "gelu" | "silu" | "softplus" | "sin" | "identity";

/** Which function of the logits is minimized. */
export type LossFunction = "cross_entropy" | "mean_squared_error";

/** What "leading" means. */
export type Order = "algebraic" | "magnitude";

/** How much of the spectrum is wanted. */
export type SpectrumMode = "auto" | "full" | "leading";

/** A network, its parameters and its data. Fields beyond these are ignored. */
export interface Case {
    /** n_0, …, n_L. */
    layers: Numbers;
    /** φ of the hidden layers. */
    activation: Activation;
    /** The loss. */
    loss_function: LossFunction;
    /** Label smoothing of the cross-entropy, in [0, 1). Default: 0.0. */
    label_smoothing?: number;
    /** N rows of n_0 numbers. */
    inputs: Numbers[];
    /** N classes below n_L. */
    labels: Numbers;
    /** θ: per layer the weight matrix (outputs × inputs) row by row, then the bias. */
    parameters: Numbers;
    /** How many leading eigenvectors are wanted; at most P of them are given. Default: 5. */
    leading?: number;
    /** What leading means. Default: "algebraic". */
    leading_order?: Order;
    /** Whether the matrix and all eigenvalues are wanted, or the leading ones alone. Default: "auto". */
    spectrum?: SpectrumMode;
}

/** Where the data come from. */
export type DataSource =
    | {
        name?: "spirals";
        /** Number of samples. */
        samples?: number | null;
        /** Noise. */
        noise?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    }
    | {
        name: "moons" | "circles" | "xor" | "checkerboard";
        /** Number of samples. */
        samples?: number | null;
        /** Noise. */
        noise?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    }
    | {
        name: "blobs";
        /** Number of samples. */
        samples?: number | null;
        /** Noise. */
        noise?: number | null;
        /** Number of inputs. */
        features?: number | null;
        /** Number of classes. */
        classes?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    }
    | {
        name: "teacher";
        /** Number of samples. */
        samples?: number | null;
        /** Number of inputs. */
        features?: number | null;
        /** Number of classes. */
        classes?: number | null;
        /** Hidden units of the teacher network. */
        hidden?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    }
    | {
        name: "digits" | "digits4x4" | "iris" | "wine" | "breast_cancer";
        /** Number of samples. */
        samples?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    }
    | {
        /** N rows of equal length. */
        inputs: Numbers[];
        /** N classes, counted from 0. */
        labels: Numbers;
        /** Number of classes. */
        classes?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    }
    | {
        /** The table's text. */
        csv: string;
        /** Name (or number, from 1) of the column of labels; the last unless set. */
        label_column?: string | null;
        /** Number of samples. */
        samples?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    }
    | {
        /** Path of an IDX file of inputs, from the working directory; compressed by gzip or not. */
        images: string;
        /** Path of the IDX file of their labels. */
        image_labels: string;
        /** A visitor's own rows, which are not in the file; beside `images`, what the files hold. */
        own?: {
            /** The file's name. */
            name: string;
            /** FNV-1a of the packed rows, in hexadecimal. */
            hash: string;
            /** Bytes of the packed rows. */
            bytes: number;
            /** How many rows there are. */
            rows: number;
            /** Length of an input. */
            features: number;
            /** Number of classes. */
            classes: number;
            /** Whether they are from IDX files, else from a text table. */
            images: boolean;
            /** Side of the square image that an input is, if it is one. */
            side?: number | null;
        };
        /** Number of samples. */
        samples?: number | null;
        /** Number of classes. */
        classes?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    }
    | {
        /** A visitor's own rows, which are not in the file; beside `images`, what the files hold. */
        own: {
            /** The file's name. */
            name: string;
            /** FNV-1a of the packed rows, in hexadecimal. */
            hash: string;
            /** Bytes of the packed rows. */
            bytes: number;
            /** How many rows there are. */
            rows: number;
            /** Length of an input. */
            features: number;
            /** Number of classes. */
            classes: number;
            /** Whether they are from IDX files, else from a text table. */
            images: boolean;
            /** Side of the square image that an input is, if it is one. */
            side?: number | null;
        };
        /** Name (or number, from 1) of the column of labels; the last unless set. */
        label_column?: string | null;
        /** Number of samples. */
        samples?: number | null;
        /** Preparation of the inputs; the data set's own unless set. */
        preparation?: Preparation | null;
        /** Number of principal components. */
        components?: number | null;
    };

/** How inputs are prepared. */
export type Preparation = "none" | "standardized" | "principal_components";

/** The distribution of the parameters at the start. */
export interface Start {
    /** How weights are drawn. Default: "xavier". */
    scheme?: Scheme;
    /** Factor on everything that is drawn. Default: 1.0. */
    scale?: number;
}

/** How weights are drawn at the start; biases start at 0. */
export type Scheme = "xavier" | "he" | "lecun" | "uniform" | "normal";

/** A rule with its numbers; a number that the rule does not have is refused. Torch's names lr, eps, betas and nesterov are read too, and are no part of this schema. */
export type Optimizer =
    | {
        name: "sgd";
        /** learning rate η */
        learning_rate?: number;
        /** weight decay */
        weight_decay?: number;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "momentum" | "nesterov";
        /** learning rate η */
        learning_rate?: number;
        /** momentum μ */
        momentum?: number;
        /** weight decay */
        weight_decay?: number;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "adagrad";
        /** learning rate η */
        learning_rate?: number;
        /** ε */
        epsilon?: number;
        /** weight decay */
        weight_decay?: number;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "rmsprop";
        /** learning rate η */
        learning_rate?: number;
        /** smoothing α */
        alpha?: number;
        /** ε */
        epsilon?: number;
        /** weight decay */
        weight_decay?: number;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "adam";
        /** learning rate η */
        learning_rate?: number;
        /** β₁ */
        beta1?: number;
        /** β₂ */
        beta2?: number;
        /** ε */
        epsilon?: number;
        /** weight decay */
        weight_decay?: number;
        amsgrad?: boolean;
        decoupled_weight_decay?: boolean;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "adamw";
        /** learning rate η */
        learning_rate?: number;
        /** β₁ */
        beta1?: number;
        /** β₂ */
        beta2?: number;
        /** ε */
        epsilon?: number;
        /** weight decay */
        weight_decay?: number;
        amsgrad?: boolean;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "nadam";
        /** learning rate η */
        learning_rate?: number;
        /** β₁ */
        beta1?: number;
        /** β₂ */
        beta2?: number;
        /** ε */
        epsilon?: number;
        /** momentum decay ψ */
        momentum_decay?: number;
        /** weight decay */
        weight_decay?: number;
        decoupled_weight_decay?: boolean;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "adamax";
        /** learning rate η */
        learning_rate?: number;
        /** β₁ */
        beta1?: number;
        /** β₂ */
        beta2?: number;
        /** ε */
        epsilon?: number;
        /** weight decay */
        weight_decay?: number;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "lion";
        /** learning rate η */
        learning_rate?: number;
        /** β₁ */
        beta1?: number;
        /** β₂ */
        beta2?: number;
        /** weight decay */
        weight_decay?: number;
        rotated_basis?: boolean;
        schedule?: Schedule;
    }
    | {
        name: "muon";
        /** learning rate η */
        learning_rate?: number;
        /** momentum μ */
        momentum?: number;
        /** β₁ */
        beta1?: number;
        /** β₂ */
        beta2?: number;
        /** ε */
        epsilon?: number;
        /** weight decay */
        weight_decay?: number;
        rotated_basis?: boolean;
        schedule?: Schedule;
    };

/** How the learning rate depends on the step. */
export type Schedule =
    | {
        name: "constant";
    }
    | {
        name: "warmup";
        /** steps of warm-up */
        steps?: number;
        /** factor at the start */
        start_factor?: number;
    }
    | {
        name: "cosine";
        /** steps to the lowest */
        steps?: number;
        /** lowest factor */
        final_factor?: number;
    }
    | {
        name: "step";
        /** steps between drops */
        every?: number;
        /** factor at each drop */
        factor?: number;
    };

/**
 * A change of the learning rate or of its schedule between two steps. In JSON `{"step": 621, "learning_rate": 0.5}`; what
 * is left out stays as it was.
 */
export interface SettingsChange {
    /** Optimizer steps taken before it. A checkpoint at this step is taken before the change. */
    step: number;
    /** η before the schedule, from then on. */
    learning_rate?: number | null;
    /** The schedule from then on; it counts from the run's first step. */
    schedule?: Schedule | null;
}

/** How many samples each step sees: a number, or `"full"` for all of them. */
export type BatchSize = number | "full";

/** How checkpoints are spaced in training time; step 0 and the last step always have one. */
export type Spacing = "linear" | "logarithmic";

/** A null model and how many samples of it are drawn. */
export interface NullModel {
    /** Which null model. */
    kind: NullKind;
    /** M, the number of samples. Default: 20. */
    samples?: number;
}

/** Which null model. */
export type NullKind = "random_weights" | "rescaled_weights" | "shuffled_weights" | "shuffled_labels" | "block_gaussian" | "goe";

/** Seeds of single purposes; what is not set follows the experiment's `seed`. */
export interface Seeds {
    /** Data, split and subsamples. */
    data?: number | null;
    /** Start, rotated basis and null model. */
    start?: number | null;
    /** Order of the mini-batches. */
    batches?: number | null;
}

/** Everything a run depends on. In JSON every field may be left out; unknown fields are refused. */
export interface Experiment {
    /** Where the samples come from. */
    data?: DataSource;
    /** Share of the samples kept for testing. Default: 0.0. */
    test_share?: number;
    /** Widths of the hidden layers; empty for softmax regression. */
    hidden?: Numbers;
    /** All layer sizes n_0, …, n_L instead of `hidden`; n_0 and n_L must fit the data. */
    layers?: Numbers | null;
    /** φ of the hidden layers. Default: "tanh". */
    activation?: Activation;
    /** The loss to minimize. Default: "cross_entropy". */
    loss_function?: LossFunction;
    /** Label smoothing of the cross-entropy, in [0, 1). Default: 0.0. */
    label_smoothing?: number;
    /** How the start is drawn. */
    start?: Start;
    /** The start itself, instead of drawing it. */
    initial_parameters?: Numbers | null;
    /** The optimizer with its numbers. */
    optimizer?: Optimizer;
    /** Changes of the learning rate or schedule on the way, by ascending steps. */
    changes?: SettingsChange[];
    /** Samples per step, or `"full"`. Default: 32. */
    batch_size?: BatchSize;
    /** Optimizer steps in all. Default: 2000. */
    steps?: number;
    /** Steps from one checkpoint to the next (from the first to the second if logarithmic). Default: 50. */
    checkpoint_every?: number;
    /** How checkpoints are spaced. Default: "linear". */
    checkpoint_spacing?: Spacing;
    /** k, how many leading eigenvectors are kept; at most P. Default: 5. */
    leading?: number;
    /** What leading means. Default: "algebraic". */
    leading_order?: Order;
    /** How many training samples the Hessian averages over; all, but at most 2048, unless set. */
    hessian_samples?: number | null;
    /** Whether all of the Hessian's spectrum is computed, or the leading eigenvectors alone. Default: "auto". */
    spectrum?: SpectrumMode;
    /** Whether the spectrum of each layer's diagonal block is computed at every checkpoint, where the Hessian's is. Default: true. */
    layer_spectra?: boolean;
    /** The null model, or `null` for none. */
    null_model?: NullModel | null;
    /** The seed of every random draw, at most 2⁵³ − 1 so that JavaScript holds it exactly. Default: 1. */
    seed?: number;
    /** Seeds of single purposes, where they shall differ from `seed`. */
    seeds?: Seeds;
}

/** How directions of two checkpoints are paired. */
export type Pairing = "rank" | "tracked" | "subspace";

/** Two optimizers to compare over seeds. In JSON every field may be left out; unknown fields are refused. */
export interface Ensemble {
    /** What all runs share. Its `optimizer` and `seed` are replaced by those below, and layers have no spectra of their own. */
    experiment?: Experiment;
    /** The optimizer of A. */
    a?: Optimizer;
    /** The optimizer of B. */
    b?: Optimizer;
    /** Changes of A's learning rate or schedule on the way, beside those of `experiment`. */
    a_changes?: SettingsChange[];
    /** Changes of B's learning rate or schedule on the way, beside those of `experiment`. */
    b_changes?: SettingsChange[];
    /** Whether B is also run in a rotated basis. Default: true. */
    rotated?: boolean;
    /** The first seed. Default: 1. */
    first_seed?: number;
    /** How many seeds, one after the other. Default: 16. */
    seed_count?: number;
    /** How directions of two checkpoints are paired in `claims`. Default: "tracked". */
    pairing?: Pairing;
}

/** How the leading pairs were found. */
export type Route = "full" | "leading";

/** The spectrum of a symmetric n × n operator: k eigenvalues exactly, and a quadrature for the others. */
export interface SpectralDensity {
    /** Rows of the operator. */
    n: number;
    /** Eigenvalues that were taken out. */
    leading: Float64Array;
    /** Per probe: nodes, ascending. */
    nodes: Float64Array[];
    /** Per probe: weights of the nodes; their sum is 1. */
    weights: Float64Array[];
    /** Number of probes. */
    probes: number;
    /** Most Lanczos steps of a probe. */
    steps: number;
}

/** Which leading directions, and whether the subspace that they span, are determined. */
export interface Determination {
    /** n ε ‖H‖₂ plus the rounding error of H itself: smaller eigenvalues and gaps are not told from 0. */
    floor: number;
    /** For each leading direction, whether |λ_i| and the gap to the nearest other eigenvalue are above the floor. */
    directions: boolean[];
    /**
     * Whether the span of the k leading directions is determined: every eigenvalue in it is farther than the floor from
     * every one outside. A cluster of eigenvalues may determine its subspace and no single direction.
     */
    subspace: boolean;
}

/** How far the result is from what it should be; every defect and residual is 0 in exact arithmetic. */
export interface Certificates {
    /** max_i ‖H v_i − λ_i v_i‖₂ over the kept vectors, with H as it was given. */
    max_residual: number;
    /** max |H_ij − H_ji| of the input; max |uᵀHw − wᵀHu| over pairs of unit vectors where H is known by products alone. */
    symmetry_defect: number;
    /** |tr H − Σ λ_i|; none where not all eigenvalues are known. */
    trace_defect: number | null;
    /** max |(VᵀV − I)_ij| over the kept vectors. */
    orthogonality_defect: number;
    /**
     * For each kept vector a bound of sin ∠ to the exact eigenvector of H as it was given: ‖H v_i − λ_i v_i‖₂ divided by
     * the gap from λ_i to the rest of the spectrum, and at most 1 (Davis and Kahan 1970).
     */
    angle_bounds: Float64Array;
    /** ‖H v_i − λ_i v_i‖₂ of each kept vector. */
    residuals: Float64Array;
    /**
     * Where the leading pairs were found from products: ‖H x − Σ_i s_i λ_i v_i‖₂ for x = Σ_i s_i v_i with random signs, by one
     * product more. `residuals` are then those of the recurrence.
     */
    checked_residual?: number | null;
    /** Products with H that the leading pairs took, where they were found from products. */
    products?: number | null;
    /**
     * Where the leading pairs were found from products: for each kept vector a bound of the probability that H has another
     * eigenvector with the same or a more leading eigenvalue, which was not found.
     */
    omissions?: Float64Array;
}

/** What is known at one point θ. */
export interface Analysis {
    /** L(θ). */
    loss: number;
    /** Share of samples classified correctly. */
    accuracy: number;
    /** f, N rows of n_L numbers. */
    logits: Float64Array[];
    /** ∇L, P numbers. */
    gradient: Float64Array;
    /** How the leading eigenvectors were found. */
    spectrum: Route;
    /** H, P rows of P numbers; left out with `leading`. */
    hessian_rows?: Float64Array[];
    /** λ_1 ≥ … ≥ λ_P; left out with `leading`. */
    eigenvalues_descending?: Float64Array;
    /** The eigenvalues of `leading_eigenvectors`, in their order. */
    leading_eigenvalues: Float64Array;
    /** The most leading of the other eigenvalues; `null` where there is no other. */
    next_eigenvalue: number | null;
    /** tr H; an estimate with `leading`. */
    trace: number;
    /** Of the estimate; left out where the trace is exact. */
    trace_standard_error?: number | null;
    /** The density of all eigenvalues, estimated; left out where they are known. */
    spectral_density?: SpectralDensity | null;
    /** The leading eigenvectors, each with its largest entry positive. */
    leading_eigenvectors: Float64Array[];
    /** Their inverse participation ratios, where they are determined. */
    leading_ipr: Float64Array;
    /** Which of them are determined. */
    determination: Determination;
    /** How exact the spectrum is. */
    certificates: Certificates;
}

/** One weight matrix or one bias vector as a range of θ. */
export interface ParameterGroup {
    /** `W1`, `b1`, `W2`, … */
    name: string;
    /** Layer, from 0. */
    layer: number;
    /** Weights or biases. */
    kind: ParameterKind;
    /** Indices into θ. */
    range: {
        start: number;
        end: number;
    };
}

/** Whether a group of parameters is a weight matrix or a bias. */
export type ParameterKind = "weights" | "biases";

/** What independent random directions would show. */
export interface ChanceLevels {
    /** 3/(P + 2). */
    ipr: number;
    /** 2 − 2 E|u·v|. */
    displacement: number;
    /** k/P, also the chance level of the gradient and update shares. */
    subspace_overlap: number;
}

/** All results of one checkpoint. k is the number of leading eigenvectors, P that of parameters. */
export interface Checkpoint {
    /** Optimizer steps taken. */
    step: number;
    /** η that the next step will use, but for a change at this very step. */
    learning_rate: number;
    /** L(θ) on all training samples. */
    loss: number;
    /** Share of training samples classified correctly. */
    accuracy: number;
    /** L(θ) on the test samples, if there are any. */
    test_loss: number | null;
    /** Share of test samples classified correctly, if there are any. */
    test_accuracy: number | null;
    /** ‖∇L‖ on all training samples. */
    gradient_norm: number;
    /** How the leading eigenvectors were found: with all eigenvalues, or from products with the Hessian alone. */
    spectrum: Route;
    /** λ_1 ≥ … ≥ λ_P of the Hessian; left out with `leading`. */
    eigenvalues_descending?: Float64Array;
    /** The eigenvalues that belong to `leading_eigenvectors`, in their order. */
    leading_eigenvalues: Float64Array;
    /** The most leading of the other eigenvalues; `null` where there is no other. */
    next_eigenvalue: number | null;
    /** ‖H‖₂ = max |λ|; with `leading`, what is known of it: at least this. */
    spectral_norm: number;
    /** tr H; an estimate with `leading`. */
    trace: number;
    /** Standard error of the estimate of the trace; left out where that is exact. */
    trace_standard_error?: number | null;
    /** Which leading eigenvectors are determined. */
    determination: Determination;
    /** IPR of each leading eigenvector that is determined. */
    leading_ipr: Float64Array;
    /**
     * exp of the participation entropy −Σ_a v_a² ln v_a² of each leading eigenvector v that is determined: another number
     * of parameters that carry it.
     */
    leading_participation_entropy: Float64Array;
    /** Mass of each leading eigenvector that is determined in each group of parameters (k rows). */
    group_mass: (Float64Array | null)[];
    /** ‖V_kᵀ g‖²/‖g‖² of the full gradient; `null` when it vanishes, or the subspace is not determined. */
    gradient_share: number | null;
    /** ‖V_kᵀ Δθ‖²/‖Δθ‖² of the last step; `null` before the first, and as for `gradient_share`. */
    update_share: number | null;
    /** λ_1, or the largest eigenvalue of the preconditioned Hessian where the optimizer has a preconditioner. */
    sharpness: number;
    /** What `sharpness` must stay below for stability, where theory gives one. */
    stability_threshold: number | null;
    /**
     * `sharpness` one step earlier, where there is a threshold: beyond it, training can alternate between two phases, of
     * which evenly spaced checkpoints see one.
     */
    sharpness_before: number | null;
    /** The threshold one step earlier. */
    stability_threshold_before: number | null;
    /** The largest eigenvalue of D^{−1/2} H D^{−1/2}, for optimizers with a preconditioner D. */
    preconditioned_eigenvalue: number | null;
    /** All eigenvalues of D^{−1/2} H D^{−1/2}, descending, for optimizers with a preconditioner D; `null` with `leading`. */
    preconditioned_eigenvalues_descending: Float64Array | null;
    /** Spectrum of each layer's diagonal block; empty unless asked for, and with `leading`. */
    layer_spectra: LayerSpectrum[];
    /** This checkpoint against all before it. */
    two_time: TwoTimeRow;
    /** How exact the spectrum is. */
    certificates: Certificates;
    /**
     * The leading eigenvectors (k rows of P), each with its largest entry positive. Those that are not determined complete
     * an orthonormal basis, and mean no more than that.
     */
    leading_eigenvectors: Float64Array[];
    /** θ. */
    parameters: Float64Array;
}

/** Spectrum of the diagonal block H_ll. */
export interface LayerSpectrum {
    /** All eigenvalues, descending. */
    eigenvalues_descending: Float64Array;
    /** IPR of the block's leading eigenvectors that are determined, within the layer. */
    leading_ipr: Float64Array;
}

/**
 * All two-time quantities between one checkpoint t and every checkpoint s ≤ t, the last entry being t itself.
 *
 * Displacements are means over the directions that are determined at both times; without any there is none. So is the
 * subspace overlap where the subspace is not determined at one of them.
 */
export interface TwoTimeRow {
    /** Q_k(s, t). */
    subspace_overlap: Float64Array;
    /** D(s, t) with the i-th direction paired with the i-th. */
    displacement_by_rank: Float64Array;
    /** D(s, t) with tracked directions, over those that were determined at all checkpoints from s to t. */
    displacement_tracked: Float64Array;
    /** (1/P) ‖θ(t) − θ(s)‖². */
    weight_displacement: Float64Array;
    /**
     * Rank at t (from 0) of the direction that had rank i at the first checkpoint, followed from checkpoint to checkpoint;
     * none where it is not determined. From where a direction is determined again, it is followed anew.
     */
    track: (number | null)[];
}

/** Bands of every statistic of a null model over its samples; none where no sample determines the quantity. */
export interface NullBands {
    /** Which null model. */
    kind: NullKind;
    /** How many samples the bands are over. */
    samples: number;
    /** How the samples' leading pairs were found. */
    spectrum: Route;
    /** IPR of rank i. */
    leading_ipr: (Band | null)[];
    /** IPR averaged over the leading eigenvectors that are determined. */
    mean_ipr: Band | null;
    /** λ_i for every i, descending; with `leading` the k leading ones alone. */
    eigenvalues_descending: Band[];
    /**
     * λ_i − λ_{i+1} for the first k eigenvalues (k − 1 if k = P); none where eigenvalues that lead by magnitude are all that
     * is known.
     */
    spacing: Band[];
    /** D between two independent samples, by rank; over all pairs. */
    displacement_by_rank: Band | null;
    /** D between two independent samples, by the best one-to-one assignment; over all pairs. */
    displacement_tracked: Band | null;
    /** Q_k between two independent samples; over all pairs. */
    subspace_overlap: Band | null;
}

/** Mean and the range from the 5th to the 95th percentile of single samples. */
export interface Band {
    /** Mean. */
    mean: number;
    /** 5th percentile. */
    low: number;
    /** 95th percentile. */
    high: number;
    /** How many numbers these are over. */
    count: number;
}

/** Everything an experiment found. */
export interface Report {
    /** The experiment itself. */
    experiment: Experiment;
    /** n_0, …, n_L. */
    layers: number[];
    /** P. */
    parameter_count: number;
    /** Which entries of θ are which weights and biases. */
    groups: ParameterGroup[];
    /** Chance levels. */
    chance: ChanceLevels;
    /** The sentence about divergence, if the run ended by it; the checkpoints up to there stand. */
    diverged: string | null;
    /** The sentence about a Hessian that vanishes from some step on to the end, if it does. */
    saturated: string | null;
    /**
     * Optimizer steps taken when the run was interrupted, if it was: then checkpoints or the null model are missing, and
     * `headless run --resume` goes on from the last checkpoint.
     */
    interrupted: number | null;
    /** All checkpoints, in order of time. */
    checkpoints: Checkpoint[];
    /** Q_k. */
    subspace_overlap: Float64Array[];
    /** D, paired by rank. */
    displacement_by_rank: Float64Array[];
    /** D, tracked. */
    displacement_tracked: Float64Array[];
    /** (1/P) ‖θ(t) − θ(s)‖². */
    weight_displacement: Float64Array[];
    /**
     * Bands of the null model, for the last checkpoint where it refers to one; `null` if none was asked for, it could not
     * be drawn, or the run was interrupted.
     */
    null_model: NullBands | null;
    /** Why the null model could not be drawn, if so; all else stands. */
    null_model_failed: string | null;
}

/** A claim over seeds. */
export interface ClaimResult {
    /** The claim. */
    name: Claim;
    /** The unit of the numbers. */
    unit: Unit;
    /** The mean over seeds (geometric for factors); `null` without any. */
    estimate: number | null;
    /** Lower end of the 95 % interval by Student's t; `null` below three seeds, and where all give the same. */
    low: number | null;
    /** Upper end. */
    high: number | null;
    /** How many seeds these are from. */
    seeds: number;
    /** What they mean for the claim. */
    verdict: Verdict;
    /** The estimate from each seed. */
    per_seed: SeedValue[];
    /** The seeds that gave none. */
    left_out: LeftOut[];
}

/** A claim about the runs A and B. */
export type Claim = "a_stabilizes" | "b_stabilizes" | "b_reorganizes" | "b_reorganizes_matched_loss" | "b_reorganizes_matched_distance" | "b_localizes" | "b_localizes_matched_loss" | "a_beyond_null" | "b_beyond_null" | "b_axes" | "gradient_in_subspace_a" | "gradient_in_subspace_b" | "update_in_subspace_a" | "update_in_subspace_b";

/** How an estimate is reported. */
export type Unit = "difference" | "factor";

/** What an interval means for a claim. */
export type Verdict = "supported" | "contradicted" | "undecided";

/** The estimate from one seed, in the claim's unit. */
export interface SeedValue {
    /** The seed. */
    seed: number;
    /** The estimate. */
    value: number;
}

/** A seed that gives no estimate. */
export interface LeftOut {
    /** The seed. */
    seed: number;
    /** Why, as a sentence. */
    reason: string;
}

/** The curves of A, B or B in a rotated basis over seeds, against steps. */
export interface MemberCurves {
    /** Which run. */
    run: Member;
    /** Training loss. */
    loss: CurveOverSeeds;
    /** Training accuracy. */
    accuracy: CurveOverSeeds;
    /** λ of the first leading direction. */
    leading_eigenvalue: CurveOverSeeds;
    /** Mean IPR of the leading directions. */
    mean_ipr: CurveOverSeeds;
    /** Share of the gradient in the leading subspace. */
    gradient_share: CurveOverSeeds;
    /** Share of the update in the leading subspace. */
    update_share: CurveOverSeeds;
    /** (1/P) ‖θ(t) − θ(0)‖². */
    distance: CurveOverSeeds;
    /** D(t, t + L) at t, in the pairing of the ensemble. */
    displacement: CurveOverSeeds;
}

/** One of the runs of a seed. */
export type Member = "a" | "b" | "rotated";

/** A mean over seeds. */
export interface CurveOverSeeds {
    /** Steps, training losses (descending) or distances (ascending). */
    at: Float64Array;
    /** Mean over the seeds that have the quantity there. */
    mean: Float64Array;
    /** Lower end of the mean's 95 % interval by Student's t; undetermined below three seeds. */
    low: Float64Array;
    /** Upper end. */
    high: Float64Array;
    /** How many seeds have the quantity there. */
    seeds: number[];
}

/** What one seed gave. */
export interface SeedResult {
    /** The seed. */
    seed: number;
    /** A. */
    a: RunSummary;
    /** B. */
    b: RunSummary;
    /** B in a rotated basis, if it was asked for. */
    rotated: RunSummary | null;
}

/** The curves of a run, one entry per checkpoint, and its displacements as the claims compare them. */
export interface RunSummary {
    /** P. */
    parameter_count: number;
    /** Optimizer steps taken. */
    steps: number[];
    /** L(θ) on all training samples. */
    loss: Float64Array;
    /** Share of training samples classified correctly. */
    accuracy: Float64Array;
    /** L(θ) on the test samples, if there are any. */
    test_loss: Float64Array;
    /** Share of test samples classified correctly, if there are any. */
    test_accuracy: Float64Array;
    /** The eigenvalues of the k leading directions, one row per rank. */
    leading_eigenvalues: Float64Array[];
    /** IPR averaged over the leading directions that are determined. */
    mean_ipr: Float64Array;
    /** Share of the gradient in the leading subspace. */
    gradient_share: Float64Array;
    /** Share of the last update in the leading subspace. */
    update_share: Float64Array;
    /** (1/P) ‖θ(t) − θ(0)‖². */
    distance: Float64Array;
    /** Where the training loss halves, half a halving after the other. */
    halvings: Halving[];
    /** Displacements in each pairing. */
    displacement: ByPairing;
    /** Mean over the null model's samples of their mean IPR; for the last checkpoint where the null model refers to one. */
    null_mean_ipr: number | null;
    /** Why the null model could not be drawn, if so. */
    null_model_failed: string | null;
    /** The sentence about divergence, if the run ended by it. */
    diverged: string | null;
}

/**
 * The checkpoints t(ℓ_j) and t(ℓ_{j+2}), where ℓ_j = ℓ_0 2^{−j/2}, ℓ_0 is the training loss at step 0 and t(ℓ) the first
 * checkpoint with training loss ≤ ℓ.
 */
export interface Halving {
    /** Index of t(ℓ_j). */
    from: number;
    /** Index of t(ℓ_{j+2}). */
    to: number;
}

/** Something for each way of pairing directions. */
export interface ByPairing {
    /** By rank. */
    rank: Displacements;
    /** Tracked. */
    tracked: Displacements;
    /** Subspace. */
    subspace: Displacements;
}

/** Displacements of one run in one pairing. */
export interface Displacements {
    /** D(t, t + L) for t = 0, …, N − L. */
    at_lag: Float64Array;
    /** D between the two checkpoints of each halving. */
    at_halvings: Float64Array;
    /** D between pairs of late checkpoints, by how far θ moved. */
    by_distance: DistanceBin[];
}

/** Pairs of late checkpoints t < u with bin/4 ≤ log₁₀ (1/P)‖θ(u) − θ(t)‖² < (bin + 1)/4. */
export interface DistanceBin {
    /** Four times the lower edge. */
    bin: number;
    /** How many pairs with a displacement that is determined. */
    pairs: number;
    /** The mean of D. */
    mean: number;
}

/** Everything an ensemble found. */
export interface EnsembleReport {
    /** The ensemble itself. */
    ensemble: Ensemble;
    /** The claims, in the pairing of `ensemble`. */
    claims: ClaimResult[];
    /** The claims in the other two pairings. */
    claims_by_pairing: Record<string, ClaimResult[]>;
    /** Means over seeds, of each run. */
    curves: MemberCurves[];
    /** What each seed gave. */
    seeds: SeedResult[];
}

/** One run, as it is saved. */
export interface RunExport {
    /** `A` to `D`. */
    name: string;
    /** The experiment, with all changes on the way. */
    experiment: Experiment;
    /** n_0, …, n_L. */
    layers: number[] | null;
    /** P. */
    parameter_count: number | null;
    /** Which entries of θ are which weights and biases. */
    groups: ParameterGroup[] | null;
    /** Chance levels. */
    chance: ChanceLevels | null;
    /** Changes of learning rate or schedule on the way. */
    changes: ChangeExport[];
    /** Bands of the null model that refers to this run's last checkpoint, where it refers to one. */
    null_model: NullBands | null;
    /** All checkpoints, in order of time. */
    checkpoints: Checkpoint[];
}

/** A change on the way, as it is saved. */
export interface ChangeExport {
    /** Steps taken before it. */
    step: number;
    /** What changed, in a few words. */
    words: string;
}

/** All that the page knows, as it is saved. */
export interface Everything {
    /** `eigendrift/export.schema.json/1`. */
    schema: string;
    /** The sources that the page was built from. */
    build: string;
    /** The link that repeats the runs, but for an own table. */
    link: string;
    /** Bands of the null model that serves all runs, where there is one. */
    null_model: NullBands | null;
    /** The runs. */
    runs: RunExport[];
}

/** A network from a file, or for one. */
export interface NetworkFile {
    /** n_0, …, n_L. */
    layers: Numbers;
    /** θ, P numbers: per layer the weight matrix (outputs × inputs) row by row, then the bias. */
    parameters: Numbers;
    /** φ of the hidden layers, where the metadata have it as `activation`. */
    activation?: Activation | null;
    /** The loss, where the metadata have it as `loss_function`. */
    loss_function?: LossFunction | null;
    /** Its label smoothing, where the metadata have it as `label_smoothing`. */
    label_smoothing?: number | null;
}
