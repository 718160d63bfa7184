//! Files of this machine, in folders where others may have put links, devices and pipes.

mod read;

pub(crate) use read::open_below;
