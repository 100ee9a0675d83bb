//! An answer's body as a stream of bytes, with a limit on silence.

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, ReadableStreamReadResult, Response};

/// What the next reading brought.
pub(super) enum Piece {
    Bytes(Vec<u8>),
    /// The stream was closed by the other side.
    End,
    /// The connection broke.
    Broken,
    /// Nothing came in time.
    Silence,
}

/// Reads a body piece by piece.
pub(super) struct Body {
    reader: ReadableStreamDefaultReader,
}

impl Body {
    /// The body of an answer; `None` when it has none.
    pub(super) fn of(response: &Response) -> Option<Self> {
        let reader = response.body()?.get_reader().dyn_into().ok()?;
        Some(Self { reader })
    }

    /// The next piece, or what came in its place within `patience` milliseconds.
    pub(super) async fn next(&self, patience: u32) -> Piece {
        let reading = JsFuture::from(self.reader.read());
        match select(reading, TimeoutFuture::new(patience)).await {
            Either::Left((Ok(result), _)) => {
                let result: ReadableStreamReadResult = result.unchecked_into();
                if result.get_done().unwrap_or(true) {
                    Piece::End
                } else {
                    Piece::Bytes(Uint8Array::new(&result.get_value()).to_vec())
                }
            }
            Either::Left((Err(_), _)) => Piece::Broken,
            Either::Right(_) => Piece::Silence,
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        // A body that nobody reads would hold its connection open. One that broke cannot be cancelled,
        // and somebody must take note of that.
        let cancelled = JsFuture::from(self.reader.cancel());
        wasm_bindgen_futures::spawn_local(async move { drop(cancelled.await) });
    }
}
