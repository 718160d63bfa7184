//! What a preview finds, for screens, documents and programs.

mod model;
mod write;

pub use model::{
    Because, Group, HubLoad, Preview, Summary, TablesAt, TenantMoves, TwinsOfTenant, Undecided,
};
