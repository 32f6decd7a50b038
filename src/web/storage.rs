//! A visitor's own files, kept in this browser from one visit to the next: in IndexedDB, because they may be larger than what
//! other storage takes. Every failure comes back as a sentence; none ends anything.
//!
//! By web-sys alone: the crates that wrap IndexedDB would add 6 to 9 kB to what every visitor loads.

use crate::web::dom;
use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DomException, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransactionMode};

/// The database, and the store in it.
const NAME: &str = "eigendrift";
const STORE: &str = "tables";
/// The key of the files that are kept.
const KEY: &str = "own";

/// The files that are kept, with their names, if there are any.
///
/// # Errors
/// What the browser says.
pub async fn restore() -> Result<Option<Vec<(String, Blob)>>, String> {
    let found = async {
        let store = begin(IdbTransactionMode::Readonly).await?;
        settled(&store.get(&JsValue::from_str(KEY))?, |_| ()).await
    };
    let found = found.await.map_err(|error| sentence(&error))?;
    let entry = if found.is_object() { Array::from(&found).to_vec() } else { Vec::new() };
    let file = |pair: &[JsValue]| {
        let blob = match pair[1].dyn_ref::<Blob>() {
            Some(blob) => blob.clone(),
            // The text of a table, as earlier versions kept it.
            None => Blob::new_with_str_sequence(&Array::of1(&pair[1])).ok()?,
        };
        Some((pair[0].as_string()?, blob))
    };
    Ok(entry.chunks_exact(2).map(file).collect::<Option<Vec<_>>>().filter(|files| !files.is_empty()))
}

/// Keeps files, with their names, in place of those before.
///
/// # Errors
/// What the browser says, for example that there is no room.
pub async fn store(files: Vec<(String, Blob)>) -> Result<(), String> {
    let kept = async {
        let store = begin(IdbTransactionMode::Readwrite).await?;
        let entry: Array = files.iter().flat_map(|(name, blob)| [JsValue::from_str(name), blob.into()]).collect();
        store.put_with_key(&entry, &JsValue::from_str(KEY))?;
        committed(&store).await
    };
    kept.await.map_err(|error| sentence(&error))
}

/// Removes the files that are kept.
///
/// # Errors
/// What the browser says.
pub async fn forget() -> Result<(), String> {
    let removed = async {
        let store = begin(IdbTransactionMode::Readwrite).await?;
        store.delete(&JsValue::from_str(KEY))?;
        committed(&store).await
    };
    removed.await.map_err(|error| sentence(&error))
}

/// The store, in a new transaction.
async fn begin(mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
    let factory = dom::window().indexed_db()?.ok_or_else(|| JsValue::from_str("there is no IndexedDB"))?;
    let request = factory.open_with_u32(NAME, 1)?;
    let create = Closure::once_into_js({
        let request = request.clone();
        move || {
            // Without the store the transaction that follows reports what is wrong.
            let database = request.result().map(IdbDatabase::unchecked_from_js);
            let _ = database.and_then(|database| database.create_object_store(STORE));
        }
    });
    let database = settled(&request, |_| request.set_onupgradeneeded(Some(create.unchecked_ref()))).await?;
    let database: IdbDatabase = database.unchecked_into();
    database.transaction_with_str_and_mode(STORE, mode)?.object_store(STORE)
}

/// The result of a request. `prepare` runs before the browser can answer it.
async fn settled(request: &IdbRequest, prepare: impl Fn(&IdbRequest)) -> Result<JsValue, JsValue> {
    prepare(request);
    let settled = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(settled).await {
        Ok(_) => request.result(),
        Err(_) => Err(request.error()?.map_or(JsValue::UNDEFINED, JsValue::from)),
    }
}

/// Waits until what was done in the store's transaction is kept.
async fn committed(store: &IdbObjectStore) -> Result<(), JsValue> {
    let transaction = store.transaction();
    let completed = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    match JsFuture::from(completed).await {
        Ok(_) => Ok(()),
        Err(_) => Err(transaction.error().map_or(JsValue::UNDEFINED, JsValue::from)),
    }
}

fn sentence(error: &JsValue) -> String {
    let said = error.dyn_ref::<DomException>().map(DomException::message);
    said.or_else(|| error.dyn_ref::<js_sys::Error>().map(|error| error.message().into()))
        .or_else(|| error.as_string())
        .filter(|words| !words.is_empty())
        .unwrap_or_else(|| "the browser gives no reason".to_owned())
}
