//! What holds for every policy and every registration.

mod agreement;
mod constraints;
mod generate;
mod movement;
mod registration;
mod robustness;
mod tables;
