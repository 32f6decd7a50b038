//! The packed tables of the real data sets: files beside the page, fetched once and kept.

use std::cell::RefCell;
use std::rc::Rc;

use crate::dataset::embedded::is_intact;
use crate::page::message::PackedTable;
use js_sys::{ArrayBuffer, Promise, Uint8Array};
use litemap::LiteMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::Response;

/// The tables fetched so far.
pub struct Tables {
    folder: &'static str,
    /// By name the promise of an `ArrayBuffer`, so that whoever asks while a file is on its way waits for the same.
    promises: Rc<RefCell<LiteMap<&'static str, Promise>>>,
}

impl Tables {
    /// The tables of a folder, named relative to the page; none is fetched yet.
    pub fn new(folder: &'static str) -> Self {
        Tables { folder, promises: Rc::default() }
    }

    /// The tables with these names, fetched unless they have been; those that are missing are asked for at once.
    ///
    /// # Errors
    /// A sentence that names the first table that could not be loaded. The next call tries again.
    pub fn load(&self, names: Vec<&'static str>) -> impl Future<Output = Result<Vec<PackedTable>, String>> + use<> {
        // Futures of all, because a promise that nobody awaits reports its failure on the console.
        let futures: Vec<_> = names.into_iter().map(|name| (name, JsFuture::from(self.promise(name)))).collect();
        async move {
            let mut tables = Vec::new();
            for (name, future) in futures {
                let buffer = future.await.map_err(|_| {
                    format!("the table {name} could not be loaded; check the connection and press Reset")
                })?;
                tables.push(PackedTable { name: name.to_owned(), bytes: Uint8Array::new(&buffer).to_vec().into() });
            }
            Ok(tables)
        }
    }

    fn promise(&self, name: &'static str) -> Promise {
        if let Some(promise) = self.promises.borrow().get(name) {
            return promise.clone();
        }
        let (promises, address) = (self.promises.clone(), format!("{}/{name}.bin", self.folder));
        let promise = future_to_promise(async move {
            let fetched = fetch(name, &address).await;
            if fetched.is_err() {
                promises.borrow_mut().remove(name);
            }
            fetched
        });
        self.promises.borrow_mut().insert(name, promise.clone());
        promise
    }
}

/// The table's bytes, an `ArrayBuffer`.
async fn fetch(name: &str, address: &str) -> Result<JsValue, JsValue> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let response: Response = JsFuture::from(window.fetch_with_str(address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(response.status().into());
    }
    let buffer: ArrayBuffer = JsFuture::from(response.array_buffer()?).await?.dyn_into()?;
    // Some hosts answer with a page where there is no such file.
    if is_intact(name, &Uint8Array::new(&buffer).to_vec()) { Ok(buffer.into()) } else { Err(JsValue::UNDEFINED) }
}
