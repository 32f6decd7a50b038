//! Links and files, and the picture that is open large.

use crate::page::action::{Export, Format, Saving, Timer};
use crate::page::effect::Effect;
use crate::page::export::{self, Snapshot};
use crate::page::model::Model;
use crate::page::pictures::Scene;
use crate::state::{Choice, Picture, link};
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

/// Makes the file that was asked for from what the model has, whatever is shown.
pub fn export(model: &mut Model, wanted: Export, shown: (f64, f64), out: &mut Vec<Effect>) {
    if matches!(*model.saving, Saving::UnderWay { .. }) {
        return;
    }
    model.saving.assign(Saving::Done);
    let scene = Scene::new(model, &model.moment());
    let (picture, format) = match wanted {
        Export::Json => return json(model, out),
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
