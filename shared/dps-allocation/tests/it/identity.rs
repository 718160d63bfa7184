//! Step 1: the rows of the enrollment and of the device.

mod attributes;
mod device_rows;
mod missing_evidence;
