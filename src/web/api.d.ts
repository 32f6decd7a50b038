/** Numbers that may be given as a plain or a typed array. */
export type Numbers = ArrayLike<number>;
export type Activation = "tanh" | "sigmoid" | "relu" | "gelu" | "silu" | "softplus" | "sin" | "identity";
export type LossFunction = "cross_entropy" | "mean_squared_error";
/** The algebraically largest eigenvalues, or those of largest absolute value. */
export type Order = "algebraic" | "magnitude";

/** A network, its parameters and its data; N samples, P parameters. */
export interface Case {
    /** Units of every layer, the inputs first. */
    layers: number[];
    activation: Activation;
    loss_function: LossFunction;
    label_smoothing?: number;
    /** N rows. */
    inputs: Numbers[];
    /** N classes, from 0. */
    labels: Numbers;
    /** Per layer the weight matrix (outputs × inputs) row by row, then the bias. */
    parameters: Numbers;
    /** k, how many eigenvectors are wanted; 5 unless set. */
    leading?: number;
    leading_order?: Order;
}

/** How far a result is from what it should be; all are 0 in exact arithmetic. */
export interface Certificates {
    max_residual: number;
    symmetry_defect: number;
    trace_defect: number;
    orthogonality_defect: number;
}

/** What is known at one point. */
export interface Analysis {
    loss: number;
    accuracy: number;
    /** N rows, one number per class. */
    logits: Float64Array[];
    gradient: Float64Array;
    /** P rows of P numbers. */
    hessian_rows: Float64Array[];
    eigenvalues_descending: Float64Array;
    /** k rows of P numbers, each with its largest entry positive. */
    leading_eigenvectors: Float64Array[];
    leading_ipr: Float64Array;
    certificates: Certificates;
}

export type DataSource = { preparation?: "none" | "standardized" | "principal_components"; components?: number } & (
    | {
          name: "spirals" | "moons" | "circles" | "xor" | "checkerboard" | "blobs" | "teacher" | "digits" | "digits4x4" | "iris" | "wine"
              | "breast_cancer";
          samples?: number;
          noise?: number;
          features?: number;
          classes?: number;
          hidden?: number;
      }
    | { inputs: Numbers[]; labels: Numbers; classes?: number }
    | { csv: string; label_column?: string; samples?: number }
);

export type Schedule =
    | { name: "constant" }
    | { name: "warmup"; steps?: number; start_factor?: number }
    | { name: "cosine"; steps?: number; final_factor?: number }
    | { name: "step"; every?: number; factor?: number };

/** Each rule takes the numbers it has; others are refused. */
export interface Optimizer {
    name: "sgd" | "momentum" | "nesterov" | "adagrad" | "rmsprop" | "adam" | "adamw" | "nadam" | "adamax" | "lion" | "muon";
    learning_rate?: number;
    momentum?: number;
    beta1?: number;
    beta2?: number;
    epsilon?: number;
    alpha?: number;
    momentum_decay?: number;
    weight_decay?: number;
    decoupled_weight_decay?: boolean;
    amsgrad?: boolean;
    rotated_basis?: boolean;
    schedule?: Schedule;
}

export type NullKind =
    | "random_weights" | "rescaled_weights" | "shuffled_weights" | "shuffled_labels" | "block_gaussian" | "goe";

/** Everything a run depends on; what is left out has its default. */
export interface Experiment {
    data?: DataSource;
    test_share?: number;
    /** Units of the hidden layers. */
    hidden?: number[];
    /** Units of all layers, instead of `hidden`. */
    layers?: number[];
    activation?: Activation;
    loss_function?: LossFunction;
    label_smoothing?: number;
    start?: { scheme?: "xavier" | "he" | "lecun" | "uniform" | "normal"; scale?: number };
    initial_parameters?: Numbers;
    optimizer?: Optimizer;
    batch_size?: number | "full";
    steps?: number;
    checkpoint_every?: number;
    checkpoint_spacing?: "linear" | "logarithmic";
    /** k. */
    leading?: number;
    leading_order?: Order;
    hessian_samples?: number;
    layer_spectra?: boolean;
    null_model?: { kind: NullKind; samples?: number } | null;
    /** At most 2⁵³ − 1. */
    seed?: number;
    seeds?: { data?: number; start?: number; batches?: number };
}

/** Between one checkpoint and every one up to it. */
export interface TwoTimeRow {
    subspace_overlap: Float64Array;
    displacement_by_rank: Float64Array;
    displacement_tracked: Float64Array;
    weight_displacement: Float64Array;
    /** Rank now, from 0, of the direction that had rank i at the first checkpoint. */
    track: number[];
}

export interface Checkpoint {
    step: number;
    learning_rate: number;
    loss: number;
    accuracy: number;
    test_loss: number | null;
    test_accuracy: number | null;
    gradient_norm: number;
    eigenvalues_descending: Float64Array;
    leading_eigenvalues: Float64Array;
    trace: number;
    leading_ipr: Float64Array;
    /** k rows, one number per group of parameters. */
    group_mass: Float64Array[];
    gradient_share: number | null;
    update_share: number | null;
    sharpness: number;
    stability_threshold: number | null;
    preconditioned_eigenvalues_descending: Float64Array | null;
    layer_spectra: { eigenvalues_descending: Float64Array; leading_ipr: Float64Array }[];
    two_time: TwoTimeRow;
    certificates: Certificates;
    /** k rows of P numbers. */
    leading_eigenvectors: Float64Array[];
    parameters: Float64Array;
}

/** A mean, and the 5th and 95th percentile. */
export interface Band {
    mean: number;
    low: number;
    high: number;
}

export interface NullBands {
    kind: NullKind;
    samples: number;
    leading_ipr: Band[];
    mean_ipr: Band;
    eigenvalues_descending: Band[];
    spacing: Band[];
    displacement_by_rank: Band;
    displacement_tracked: Band;
    subspace_overlap: Band;
}

export interface Report {
    experiment: Experiment;
    layers: number[];
    parameter_count: number;
    /** Which entries of the parameters are which weights and biases. */
    groups: { name: string; layer: number; kind: "weights" | "biases"; range: { start: number; end: number } }[];
    chance: { ipr: number; displacement: number; subspace_overlap: number };
    /** The sentence about divergence, if the run ended by it. */
    diverged: string | null;
    checkpoints: Checkpoint[];
    /** All pairs of checkpoints, a row and a column each. */
    subspace_overlap: Float64Array[];
    displacement_by_rank: Float64Array[];
    displacement_tracked: Float64Array[];
    weight_displacement: Float64Array[];
    null_model: NullBands | null;
}
