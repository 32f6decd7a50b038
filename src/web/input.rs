//! From DOM events to actions. Listeners read what an element shows and nothing else; what it means is decided by
//! [`update`](crate::page::update()).

mod buttons;
mod controls;
mod files;
mod pictures;

use crate::page::Action;
use crate::state::Picture;
use web_sys::Blob;

/// What listeners can do with the page.
#[derive(Clone, Copy)]
pub struct Port {
    /// Takes in an action.
    pub dispatch: fn(Action),
    /// Index of the checkpoint under a CSS pixel column of a picture over training time.
    pub checkpoint_at: fn(Picture, f64) -> Option<usize>,
    /// Width and height of a picture in CSS pixels, (0, 0) where it is not shown.
    pub shown_size: fn(Picture) -> (f64, f64),
    /// Keeps a file; returns the number under which it does.
    pub keep_file: fn(Blob) -> u32,
}

/// Listens to everything.
pub fn listen(port: Port) {
    buttons::listen(port);
    controls::listen(port);
    pictures::listen(port);
    files::listen(port);
}
