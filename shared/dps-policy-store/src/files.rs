//! Files of this machine, in folders where others may have put links, devices and pipes.

mod named;
mod read;
mod rules;
mod trusted;
mod write;

pub use named::write_named_file;
pub(crate) use read::open_below;
pub(crate) use trusted::open_trusted;
pub(crate) use write::make_folder;
pub use write::write_file;
