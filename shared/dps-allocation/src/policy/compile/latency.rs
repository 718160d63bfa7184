//! The `latency` table.

use super::compiler::Compiler;
use crate::nearest::did_you_mean;
use crate::policy::model::Latency;
use crate::schema::{Column, TableName};

pub(super) fn compile(compiler: &mut Compiler<'_>) -> Latency {
    let mut latency = Latency::default();
    for row in compiler.rows.rows(TableName::Latency) {
        let Some(ms) = row.parse(Column::Milliseconds) else {
            let help = "write the measured round trip, or remove the row";
            compiler.missing(&row, Column::Milliseconds, "there is no latency", help);
            continue;
        };
        if let Some(region) = compiler.regions.get(row.key()) {
            latency.add(row.partition(), *region, ms);
        } else if !compiler.may_hide(TableName::Hubs, Column::Region) {
            let rule = format!("no hub is in the region `{}`", row.key());
            let meant = did_you_mean(row.key(), compiler.regions.keys().copied());
            let help = format!("{meant}correct the region, or remove the row");
            compiler.warning(&row, Column::RowKey, rule, help);
        }
    }
    latency
}
