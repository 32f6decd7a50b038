//! Links and files, and the picture that is open large.

use crate::network_file::NetworkFile;
use crate::page::action::{Export, Format, Place, Saving, Timer};
use crate::page::effect::Effect;
use crate::page::export::{self, Snapshot};
use crate::page::message::{Event, Task, Writing};
use crate::page::model::{Model, WriteTask};
use crate::page::pictures::Scene;
use crate::script::{Expected, Form};
use crate::state::{Choice, Picture, RUN_NAMES, link};
use crate::view::figure;

/// Milliseconds for which the button Share shows that the link was copied, and for which the link that the visitor has to
/// copy is shown.
const COPIED: u32 = 2000;
const NOT_COPIED: u32 = 30_000;
/// The size of a picture that is not shown, in CSS pixels.
const USUAL: (f64, f64) = (640.0, 400.0);
/// The least width of an exported picture: below it, caption and legend take more room than the chart.
const LEAST: f64 = 480.0;

/// Opens a picture large, or closes it.
pub fn enlarge(model: &mut Model, open: Option<Picture>, out: &mut Vec<Effect>) {
    model.state.open = open;
    out.push(Effect::WriteLink(link::write(&model.state)));
}

/// Shows for a moment whether the link was copied.
pub fn shared(model: &mut Model, copied: bool, out: &mut Vec<Effect>) {
    let number = model.tasks.next_timer();
    model.shared.assign(Some((copied, number)));
    let milliseconds = if copied { COPIED } else { NOT_COPIED };
    out.push(Effect::Wait { milliseconds, timer: Timer::Shared(number) });
}

/// The moment is over, unless the link was shared again.
pub fn forget_shared(model: &mut Model, number: u32) {
    if model.shared.is_some_and(|(_, newest)| newest == number) {
        model.shared.assign(None);
    }
}

/// Saves everything as JSON, as it is now.
fn json(model: &mut Model, out: &mut Vec<Effect>) {
    let snapshot = Box::new(Snapshot::new(model));
    model.saving.assign(Saving::UnderWay { done: 0, of: snapshot.checkpoints() });
    out.push(Effect::SaveJson { name: "eigendrift.json".into(), snapshot });
}

/// Asks for the program that repeats a run as far as it is now.
fn program(model: &mut Model, run: usize, form: Form, out: &mut Vec<Effect>) {
    let Some(results) = model.runs.get(&run) else { return };
    let checkpoints: Vec<Expected> = results.checkpoints.iter().map(|checkpoint| (&**checkpoint).into()).collect();
    let (experiment, of) = (results.experiment.clone(), checkpoints.len());
    let link = link::write(&model.state);
    model.tasks.writing = Some(WriteTask { generation: None, run, form, experiment, checkpoints, link });
    model.saving.assign(Saving::UnderWay { done: 0, of });
    out.push(Effect::LoadTemplate);
}

/// Has a worker put the record of the run into the program: the page has neither its data nor its batches.
pub fn write_program(model: &mut Model, template: Result<String, String>, out: &mut Vec<Effect>) {
    let Some(mut writing) = model.tasks.writing.take_if(|writing| writing.generation.is_none()) else { return };
    match template {
        Ok(template) => {
            let generation = model.tasks.next_generation();
            let (experiment, form) = ((*writing.experiment).clone(), writing.form);
            let (checkpoints, link) = (std::mem::take(&mut writing.checkpoints), std::mem::take(&mut writing.link));
            model.tasks.writing = Some(WriteTask { generation: Some(generation), ..writing });
            let task = Box::new(Task::Write(Box::new(Writing { experiment, checkpoints, link, template, form })));
            out.push(Effect::Start { place: Place::Writer, generation, task });
        }
        Err(problem) => {
            let words = format!("The program could not be loaded: {problem}. Results and page are as they were.");
            model.saving.assign(Saving::Failed(words));
        }
    }
}

/// Takes in an event of the task that writes a program.
pub fn take(model: &mut Model, generation: u32, event: Event, out: &mut Vec<Effect>) {
    if !event.is_last() {
        return;
    }
    let Some(task) = model.tasks.writing.take_if(|task| task.generation == Some(generation)) else { return };
    match event {
        Event::Written(text) => {
            let (ending, media_type) = match task.form {
                Form::Program => ("py", "text/x-python"),
                Form::Notebook => ("ipynb", "application/x-ipynb+json"),
            };
            let name = format!("eigendrift-{}.{ending}", RUN_NAMES[task.run]);
            out.push(Effect::SaveText { name, media_type, text });
        }
        Event::Failed { sentence, .. } | Event::Panicked { sentence } => {
            let problem = sentence.trim_end_matches('.');
            model.saving.assign(Saving::Failed(format!("The program could not be written: {problem}.")));
        }
        _ => model.saving.assign(Saving::Done),
    }
}

/// The network of a run at the cursor, where it has got there.
fn weights(scene: &Scene, run: usize) -> Option<Effect> {
    let run = scene.runs.iter().find(|found| found.index == run)?;
    let (checkpoint, started) = (run.at(scene.cursor)?, run.results.started.as_ref()?);
    let experiment = &run.results.experiment;
    let network = NetworkFile {
        layers: started.layers.clone(),
        parameters: checkpoint.parameters.clone(),
        activation: Some(experiment.activation),
        loss_function: Some(experiment.loss_function),
        label_smoothing: Some(experiment.label_smoothing),
    };
    let bytes = network.write().ok()?;
    let name = format!("eigendrift-{}-step-{}.safetensors", RUN_NAMES[run.index], checkpoint.step);
    Some(Effect::SaveBytes { name, bytes })
}

/// Makes the file that was asked for from what the model has, whatever is shown.
pub fn export(model: &mut Model, wanted: Export, shown: (f64, f64), out: &mut Vec<Effect>) {
    if matches!(*model.saving, Saving::UnderWay { .. }) {
        return;
    }
    model.saving.assign(Saving::Done);
    let scene = Scene::new(model, &model.moment());
    let (picture, format) = match wanted {
        Export::Json => return json(model, out),
        Export::Program(run, form) => return program(model, run, form, out),
        Export::Weights(run) => {
            match weights(&scene, run) {
                Some(effect) => out.push(effect),
                None => {
                    let words = format!("Run {} has no checkpoint at the cursor.", RUN_NAMES[run]);
                    model.saving.assign(Saving::Failed(words));
                }
            }
            return;
        }
        Export::Csv => {
            let text = export::csv(&scene);
            return out.push(Effect::SaveText { name: "eigendrift.csv".into(), media_type: "text/csv", text });
        }
        Export::Picture(picture, format) => (picture, format),
    };
    let (chart, caption, dark) = (scene.chart(picture), export::caption(&scene, picture), *model.dark);
    let (width, height) = if shown.0 > 0.0 { (shown.0.max(LEAST), shown.1) } else { USUAL };
    let size = (width.round() as u32, height.round() as u32);
    let name = picture.name();
    match format {
        Format::Svg => {
            let text = figure::svg(&chart, &caption, size, dark);
            let name = format!("eigendrift-{name}.svg");
            out.push(Effect::SaveText { name, media_type: "image/svg+xml", text });
        }
        Format::Png => {
            let scale = scene.view.export_width.pixels().map_or(2.0, |pixels| pixels / width);
            let name = format!("eigendrift-{name}.png");
            out.push(Effect::SavePixels { name, chart: Box::new(chart), caption, size, scale, dark });
        }
    }
}
