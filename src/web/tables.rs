//! The packed tables of the real data sets: files beside the page, fetched once and kept.

use crate::dataset::embedded::is_intact;
use crate::page::message::PackedTable;
use js_sys::{ArrayBuffer, Promise, Uint8Array};
use litemap::LiteMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::Response;

/// The tables fetched so far.
pub struct Tables {
    folder: String,
    /// By name the promise of an `ArrayBuffer`, so that whoever asks while a file is on its way waits for the same.
    promises: LiteMap<&'static str, Promise>,
}

/// Why a table could not be loaded.
#[derive(Debug, Clone)]
pub struct Unavailable {
    /// The table.
    pub name: &'static str,
    /// A sentence that says what to do.
    pub sentence: String,
}

impl Tables {
    /// The tables of a folder; none is fetched yet.
    pub fn new(folder: String) -> Self {
        Tables { folder, promises: LiteMap::new() }
    }

    /// The tables with these names, fetched unless they have been; those that are missing are asked for at once.
    ///
    /// # Errors
    /// The first table that could not be loaded; once it was [forgotten](Tables::forget), the next call tries again.
    pub fn load(
        &mut self,
        names: Vec<&'static str>,
    ) -> impl Future<Output = Result<Vec<PackedTable>, Unavailable>> + use<> {
        // Futures of all, because a promise that nobody awaits reports its failure on the console.
        let futures: Vec<_> = names.into_iter().map(|name| (name, JsFuture::from(self.promise(name)))).collect();
        async move {
            let mut tables = Vec::new();
            for (name, future) in futures {
                let buffer = future.await.map_err(|_| {
                    let sentence =
                        format!("the table {name} could not be loaded; check the connection and press Reset");
                    Unavailable { name, sentence }
                })?;
                tables.push(PackedTable { name: name.to_owned(), bytes: Uint8Array::new(&buffer).to_vec().into() });
            }
            Ok(tables)
        }
    }

    /// Forgets a table that could not be loaded.
    pub fn forget(&mut self, name: &'static str) {
        self.promises.remove(name);
    }

    fn promise(&mut self, name: &'static str) -> Promise {
        if let Some(promise) = self.promises.get(name) {
            return promise.clone();
        }
        let address = format!("{}/{name}.bin", self.folder);
        let promise = future_to_promise(async move { fetch(name, &address).await });
        self.promises.insert(name, promise.clone());
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
