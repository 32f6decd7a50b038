//! A visitor's own table, kept in this browser from one visit to the next: in IndexedDB, because it may be larger than what
//! other storage takes. Every failure comes back as a sentence; none ends anything.

use crate::state::OwnTable;
use idb::{Database, DatabaseEvent, Error, Factory, ObjectStore, ObjectStoreParams, Transaction, TransactionMode};
use js_sys::Array;
use wasm_bindgen::JsValue;

/// The database, and the store in it.
const NAME: &str = "eigendrift";
const STORE: &str = "tables";
/// The key of the one table that is kept.
const KEY: &str = "own";

/// The table that is kept, if there is one.
///
/// # Errors
/// What the browser says.
pub async fn restore() -> Result<Option<OwnTable>, String> {
    let found = async {
        let (_transaction, store) = begin(TransactionMode::ReadOnly).await?;
        store.get(JsValue::from_str(KEY))?.await
    };
    let entry = found.await.map_err(sentence)?.map(|value| Array::from(&value));
    let table = |entry: Array| Some(OwnTable { name: entry.get(0).as_string()?, text: entry.get(1).as_string()? });
    Ok(entry.and_then(table))
}

/// Keeps a table in place of the one before.
///
/// # Errors
/// What the browser says, for example that there is no room.
pub async fn store(table: OwnTable) -> Result<(), String> {
    let kept = async {
        let (transaction, store) = begin(TransactionMode::ReadWrite).await?;
        let entry = Array::of2(&JsValue::from_str(&table.name), &JsValue::from_str(&table.text));
        store.put(&entry, Some(&JsValue::from_str(KEY)))?.await?;
        transaction.await
    };
    kept.await.map(drop).map_err(sentence)
}

/// Removes the table that is kept.
///
/// # Errors
/// What the browser says.
pub async fn forget() -> Result<(), String> {
    let removed = async {
        let (transaction, store) = begin(TransactionMode::ReadWrite).await?;
        store.delete(JsValue::from_str(KEY))?.await?;
        transaction.await
    };
    removed.await.map(drop).map_err(sentence)
}

async fn begin(mode: TransactionMode) -> Result<(Transaction, ObjectStore), Error> {
    let transaction = open().await?.transaction(&[STORE], mode)?;
    let store = transaction.object_store(STORE)?;
    Ok((transaction, store))
}

async fn open() -> Result<Database, Error> {
    let mut request = Factory::new()?.open(NAME, Some(1))?;
    request.on_upgrade_needed(|event| {
        if let Ok(database) = event.database() {
            // Without the store the transaction that follows reports what is wrong.
            let _ = database.create_object_store(STORE, ObjectStoreParams::new());
        }
    });
    request.await
}

fn sentence(error: Error) -> String {
    error.to_string()
}
