//! Pages for browsers and printers: no script, no font and no image from elsewhere.
//!
//! Names are texts of HTML, which wraps them; only shapes are SVG, in shares of the width that
//! there is. Nothing is told by colour alone, so that a page reads the same in black and white.

mod document;
mod style;
mod table;
mod text;

pub(crate) use document::{CAME_BEFORE, NOT_DEVICES, Number, document, numbers, section};
pub(crate) use table::table;
pub(crate) use text::{counted, escape, grouped, isolated, of_hundred, scaled};
