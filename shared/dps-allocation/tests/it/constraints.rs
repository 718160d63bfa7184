//! Step 3: constraints, which no later step can cross.

mod hubs;
mod pairs;
mod profiles;
mod reserved;
mod residency;
