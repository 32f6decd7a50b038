//! The bytes of a blob, in a worker: as they are, or inflated by the browser where gzip has compressed them.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileReaderSync, ReadableStreamDefaultReader};

/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

#[wasm_bindgen]
extern "C" {
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// All bytes as they are.
///
/// # Errors
/// What the browser says, for example that a file has changed since it was chosen.
pub fn whole(blob: &Blob) -> Result<Vec<u8>, JsValue> {
    Ok(Uint8Array::new(&FileReaderSync::new()?.read_as_array_buffer(blob)?.into()).to_vec())
}

/// All bytes, inflated where they are compressed.
///
/// # Errors
/// A few words: there are more than `most`, or the browser cannot read or inflate them.
pub async fn inflated(blob: &Blob, most: usize) -> Result<Vec<u8>, String> {
    let begin = blob.slice_with_i32_and_i32(0, 2).and_then(|begin| whole(&begin)).map_err(|_| UNREADABLE)?;
    if begin != GZIP {
        return whole(blob).map_err(|_| UNREADABLE.to_owned());
    }
    let stream = DecompressionStream::new("gzip").map_err(|_| "this browser cannot unpack gzip; unpack the file")?;
    let reader = ReadableStreamDefaultReader::new(&blob.stream().pipe_through(stream.unchecked_ref()));
    let reader = reader.map_err(|_| UNREADABLE)?;
    let mut bytes = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await.map_err(|_| "it is no complete gzip file")?;
        let Some(part) = Reflect::get(&part, &"value".into()).ok().and_then(|part| part.dyn_into::<Uint8Array>().ok())
        else {
            return Ok(bytes);
        };
        let length = bytes.len();
        if length + part.length() as usize > most {
            drop(reader.cancel());
            return Err(format!("it has more than {} MB, unpacked", most / 1_000_000));
        }
        bytes.resize(length + part.length() as usize, 0);
        part.copy_to(&mut bytes[length..]);
    }
}

const UNREADABLE: &str = "the browser could not read the file";
