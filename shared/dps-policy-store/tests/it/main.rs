//! What a folder of config tables gives, seen from outside.

#[cfg(test)]
mod csv_folder;
