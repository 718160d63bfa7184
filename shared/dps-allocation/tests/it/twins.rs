//! Step 9: initial twin and reply.

mod device_values;
mod expressions;
mod layers;
mod limits;
mod reply;
