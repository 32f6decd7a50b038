//! Reading, checking and writing of optimizer settings. Defaults are those in torch.optim's documentation.

use eigendrift::Error;
use eigendrift::experiment::Experiment;
use eigendrift::optimizer::{AMSGRAD, Allowed, DECOUPLED_WEIGHT_DECAY, Optimizer, OptimizerSettings, Rule, Schedule};
use serde_json::{Value, json};

fn read(value: Value) -> OptimizerSettings {
    serde_json::from_value(value).unwrap()
}

/// The message of the error that reading or checking `value` returns.
fn error_message(value: Value) -> String {
    match serde_json::from_value::<OptimizerSettings>(value.clone()) {
        Err(error) => error.to_string(),
        Ok(settings) => match settings.validate() {
            Err(error) => error.to_string(),
            Ok(()) => panic!("{value} was accepted as {settings:?}"),
        },
    }
}

#[test]
fn a_name_is_enough_and_torch_gives_the_rest() {
    for (name, given) in [
        ("sgd", json!({"weight_decay": 0.0})),
        ("momentum", json!({"momentum": 0.9, "weight_decay": 0.0})),
        ("nesterov", json!({"momentum": 0.9, "weight_decay": 0.0})),
        ("adagrad", json!({"eps": 1e-10, "weight_decay": 0})),
        ("rmsprop", json!({"alpha": 0.99, "eps": 1e-8, "weight_decay": 0})),
        ("adam", json!({"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0, "amsgrad": false})),
        ("adamw", json!({"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01, "amsgrad": false})),
        ("nadam", json!({"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0, "momentum_decay": 0.004})),
        ("adamax", json!({"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0})),
        ("lion", json!({"betas": [0.9, 0.99], "weight_decay": 0})), // its authors' defaults
        ("muon", json!({"momentum": 0.95, "weight_decay": 0.1, "betas": [0.9, 0.999], "eps": 1e-8})),
    ] {
        let mut written = given;
        written["name"] = json!(name);
        let short = read(json!({ "name": name }));
        assert_eq!(read(written), short);
        assert_eq!(short, OptimizerSettings::new(short.rule));
        assert_eq!(short.rule.name(), name);
    }
    assert_eq!(read(json!({"name": "sgd"})).learning_rate, 0.1);
    assert_eq!(read(json!({"name": "adam", "learning_rate": null})).learning_rate, 0.01);
}

#[test]
fn settings_survive_writing_and_reading() {
    for rule in Rule::ALL {
        for (i, schedule) in Schedule::all().into_iter().enumerate() {
            let mut settings = OptimizerSettings::new(rule);
            settings.schedule = schedule;
            settings.rotated_basis = i % 2 == 1;
            for (j, field) in rule.fields().iter().enumerate() {
                settings.set(field.name, 0.1 + 0.07 * (i + j) as f64).unwrap();
            }
            settings.amsgrad = rule.switches().contains(&AMSGRAD);
            settings.decoupled_weight_decay = rule.switches().contains(&DECOUPLED_WEIGHT_DECAY);
            let text = serde_json::to_string(&settings).unwrap();
            assert_eq!(serde_json::from_str::<OptimizerSettings>(&text).unwrap(), settings, "{text}");
        }
    }
    let text = serde_json::to_string(&OptimizerSettings::new(Rule::Sgd)).unwrap();
    assert_eq!(text, r#"{"name":"sgd","learning_rate":0.1,"weight_decay":0.0}"#, "only what the rule has");
}

#[test]
fn torchs_spellings_are_understood() {
    let settings = read(json!({"name": "adam", "lr": 3, "eps": 1e-3, "betas": [0.5, 0.75]}));
    assert_eq!((settings.learning_rate, settings.epsilon), (3.0, 1e-3));
    assert_eq!((settings.beta1, settings.beta2), (0.5, 0.75));
    for (written, rule) in [
        (json!({"name": "sgd", "momentum": 0}), Rule::Sgd),
        (json!({"name": "sgd", "momentum": 0, "nesterov": false}), Rule::Sgd),
        (json!({"name": "sgd", "momentum": 0.5}), Rule::Momentum),
        (json!({"name": "sgd", "momentum": 0.5, "nesterov": true}), Rule::Nesterov),
        (json!({"name": "momentum", "nesterov": true}), Rule::Nesterov),
        (json!({"name": "nesterov", "nesterov": false}), Rule::Momentum),
    ] {
        let settings = read(written.clone());
        assert_eq!(settings.rule, rule, "{written}");
        assert_eq!(settings.momentum, written["momentum"].as_f64().unwrap_or(0.9));
    }
}

#[test]
fn what_is_wrong_is_said_by_name() {
    for (written, expected) in [
        (json!("adam"), "optimizer: must be an object with a name"),
        (json!({}), "optimizer.name: must be one of sgd, momentum,"),
        (
            json!({"name": "adan"}),
            "optimizer.name: must be one of sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw",
        ),
        (json!({"name": "adan"}), "not \"adan\""),
        (
            json!({"name": "adam", "learning_rate": -1}),
            "optimizer.learning_rate: must be a finite number from 0 up, not -1",
        ),
        (json!({"name": "adam", "learning_rate": "x"}), "optimizer.learning_rate: must be a number"),
        (json!({"name": "adam", "lr": 1, "learning_rate": 1}), "optimizer.lr: is another name of learning_rate"),
        (
            json!({"name": "adam", "beta1": 1}),
            "optimizer.beta1: must be a number from 0 up to, but not including, 1, not 1",
        ),
        (json!({"name": "adam", "betas": [0.9, 1.5]}), "optimizer.betas[1]: must be"),
        (json!({"name": "adam", "betas": [0.9]}), "optimizer.betas: must be two numbers"),
        (json!({"name": "adam", "betas": 0.9}), "optimizer.betas: must be two numbers"),
        (
            json!({"name": "adam", "betas": [0.9, 0.9], "beta1": 0.9}),
            "optimizer.betas: must not be given together with beta1",
        ),
        (
            json!({"name": "adam", "momentum": 0.9}),
            "optimizer.momentum: adam has no such setting; it has learning_rate, beta1",
        ),
        (json!({"name": "adam", "nesterov": true}), "optimizer.nesterov: adam has no such setting"),
        (json!({"name": "adam", "amsgrad": 1}), "optimizer.amsgrad: must be true or false"),
        (json!({"name": "sgd", "amsgrad": true}), "optimizer.amsgrad: sgd has no such setting"),
        (json!({"name": "sgd", "nesterov": true}), "optimizer.nesterov: needs a momentum other than 0"),
        (json!({"name": "sgd", "momentum": "x"}), "optimizer.momentum: must be a number"),
        (json!({"name": "sgd", "learning_rte": "x"}), "optimizer.learning_rte: sgd has no such setting"),
        (json!({"name": "rmsprop", "epsilon": -1e-8}), "optimizer.epsilon: must be"),
        (json!({"name": "sgd", "schedule": "cosine"}), "optimizer.schedule: must be an object with a name"),
        (
            json!({"name": "sgd", "schedule": {"name": "cosin"}}),
            "optimizer.schedule.name: must be one of constant, warmup",
        ),
        (
            json!({"name": "sgd", "schedule": {"name": "constant", "steps": 3}}),
            "optimizer.schedule.steps: constant has no",
        ),
        (json!({"name": "sgd", "schedule": {"name": "step", "steps": 3}}), "it has every, factor"),
        (
            json!({"name": "sgd", "schedule": {"name": "cosine", "steps": 0}}),
            "schedule.steps: must be a whole number from 1",
        ),
        (
            json!({"name": "sgd", "schedule": {"name": "cosine", "steps": 2.5}}),
            "schedule.steps: must be a whole number",
        ),
        (
            json!({"name": "sgd", "schedule": {"name": "step", "factor": 2}}),
            "schedule.factor: must be a number from 0 to 1",
        ),
        (json!({"name": "sgd", "schedule": {"name": "step", "factor": true}}), "schedule.factor: must be a number"),
    ] {
        let message = error_message(written.clone());
        assert!(message.contains(expected), "{written}: {message:?} instead of {expected:?}");
    }
    let not_a_number = OptimizerSettings { learning_rate: f64::NAN, ..OptimizerSettings::new(Rule::Adam) };
    let error = Optimizer::new(not_a_number, &[0.0], &[], 0).unwrap_err();
    assert!(matches!(error, Error::Invalid { field, .. } if field == "optimizer.learning_rate"));
    let never =
        OptimizerSettings { schedule: Schedule::Step { every: 0, factor: 0.5 }, ..OptimizerSettings::new(Rule::Adam) };
    assert!(never.validate().unwrap_err().to_string().starts_with("optimizer.schedule.every: must be"));
}

#[test]
fn sliders_stay_within_what_is_allowed_and_reach_the_default() {
    let all = Rule::ALL.iter().flat_map(|rule| rule.fields().iter().copied());
    for field in all.chain(Schedule::all().iter().flat_map(|schedule| schedule.fields().iter().copied())) {
        let (least, most) = field.slider;
        assert!(field.allowed.contains(least) && field.allowed.contains(most) && least < most, "{field:?}");
        assert!((least..=most).contains(&field.default) && !(field.logarithmic && least <= 0.0), "{field:?}");
        for never in [f64::NAN, f64::INFINITY, -1.0, -f64::MIN_POSITIVE] {
            assert!(!field.allowed.contains(never), "{field:?}: {never}");
        }
    }
    assert!(Allowed::NonNegative.contains(0.0) && Allowed::NonNegative.contains(f64::MAX));
    assert!(!Allowed::BelowOne.contains(1.0) && Allowed::Fraction.contains(1.0) && !Allowed::Count.contains(0.0));
    for rule in Rule::ALL {
        assert_eq!(serde_json::to_value(rule).unwrap(), json!(rule.name()));
        assert!(!rule.label().is_empty());
    }
}

#[test]
fn a_schedule_without_numbers_takes_its_defaults() {
    for schedule in Schedule::all() {
        let settings = read(json!({"name": "sgd", "schedule": {"name": schedule.name()}}));
        assert_eq!(settings.schedule, schedule);
        assert!(schedule.fields().iter().map(|field| field.default).eq(schedule.values()), "{}", schedule.label());
    }
    // beyond their ends: exactly the full rate, exactly the lowest
    assert_eq!(Schedule::Warmup { steps: 7, start_factor: 0.3 }.factor(8), 1.0);
    assert_eq!(Schedule::Cosine { steps: 7, final_factor: 0.3 }.factor(8), 0.3);
}

#[test]
fn an_experiment_names_the_optimizers_field_once() {
    for (optimizer, expected) in [
        (r#"{"name": "adam", "beta3": 1}"#, "optimizer.beta3"),
        (r#"{"name": "sgd", "schedule": {"name": "step", "every": 0}}"#, "optimizer.schedule.every"),
        (r#"{"name": "sgd", "learning_rate": -1}"#, "optimizer.learning_rate"),
        ("3", "optimizer"),
    ] {
        let text = format!(r#"{{"optimizer": {optimizer}}}"#);
        let error = Experiment::from_json(&text).and_then(|experiment| experiment.validate()).unwrap_err();
        let Error::Invalid { field, problem } = error else { panic!("{error}") };
        assert_eq!(field, expected);
        assert!(!problem.contains("optimizer"), "{problem}");
    }
}
