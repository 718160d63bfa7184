//! The `latency` table.

use super::context::Context;
use crate::nearest::did_you_mean;
use crate::policy::model::Latency;
use crate::schema::{Column, TableName};

pub(super) fn compile(context: &mut Context<'_>) -> Latency {
    let mut latency = Latency::default();
    for row in context.rows.rows(TableName::Latency) {
        let Some(ms) = row.parse(Column::Milliseconds) else {
            let help = "write the measured round trip, or remove the row";
            context.missing(&row, Column::Milliseconds, "there is no latency", help);
            continue;
        };
        if let Some(region) = context.regions.get(row.key()) {
            latency.add(row.partition(), *region, ms);
        } else if !context.may_hide(TableName::Hubs, Column::Region) {
            let rule = format!("no hub is in the region `{}`", row.key());
            let meant = did_you_mean(row.key(), context.regions.keys().copied());
            let help = format!("{meant}correct the region, or remove the row");
            let finding = row.place().warning(Column::RowKey.as_str(), rule, &help);
            context.findings.push(finding);
        }
    }
    latency
}
