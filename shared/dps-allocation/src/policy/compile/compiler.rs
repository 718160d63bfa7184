//! What has been compiled so far, and the findings.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::expression::{Comparison, Expression, PatternBudget, Problem};
use crate::finding::{Finding, Place};
use crate::hash::weight::PlacementSalt;
use crate::policy::compared::Compared;
use crate::policy::faults::Faults;
use crate::policy::model::{
    AllowedTenants, HubIndex, HubSet, Hubs, RegionIndex, Shared, TenantIndex, Twin, Twins,
};
use crate::schema::{Column, TableName};
use crate::tables::{Canonical, CanonicalRow};
use crate::twin::Reply;

/// What has been compiled so far, and the findings.
pub(super) struct Compiler<'c> {
    pub(super) rows: &'c Canonical,
    pub(super) findings: Vec<Finding>,
    pub(super) faults: Faults,
    pub(super) hubs: Hubs,
    /// The regions of the hubs.
    pub(super) regions: BTreeMap<&'c str, RegionIndex>,
    /// The hubs of each pool.
    pub(super) pools: BTreeMap<&'c str, HubSet>,
    /// The hubs that are for some tenants only.
    pub(super) reserved: Vec<(HubIndex, AllowedTenants)>,
    /// In order.
    pub(super) tenant_ids: Vec<&'c str>,
    pub(super) twins: Twins,
    /// The twins that some row names.
    pub(super) named_twins: HashSet<Twin>,
    pub(super) expressions: HashMap<&'c str, Shared<Expression>>,
    pub(super) replies: HashMap<&'c str, Shared<Reply>>,
    pub(super) salts: HashMap<&'c str, Shared<PlacementSalt>>,
    pub(super) patterns: PatternBudget,
    /// What expressions compare with names that tables list.
    pub(super) compared: Vec<Compared<'c>>,
}

impl<'c> Compiler<'c> {
    pub(super) fn new(rows: &'c Canonical, findings: Vec<Finding>, faults: Faults) -> Self {
        Self {
            rows,
            findings,
            faults,
            hubs: Hubs::default(),
            regions: BTreeMap::new(),
            pools: BTreeMap::new(),
            reserved: Vec::new(),
            tenant_ids: Vec::new(),
            twins: Twins::default(),
            named_twins: HashSet::new(),
            expressions: HashMap::new(),
            replies: HashMap::new(),
            salts: HashMap::new(),
            patterns: PatternBudget::default(),
            compared: Vec::new(),
        }
    }

    /// The tenant of that id.
    pub(super) fn tenant(&self, id: &str) -> Option<TenantIndex> {
        let position = self.tenant_ids.binary_search(&id).ok()?;
        TenantIndex::new(position)
    }

    /// Reports an error in a cell of a row.
    pub(super) fn error(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        rule: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(row.cell(column).error(rule, help));
    }

    /// Reports a warning about a cell of a row.
    pub(super) fn warning(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        rule: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(row.cell(column).warning(rule, help));
    }

    /// Whether an error may be the reason that no row of a table has some value in this column.
    pub(super) fn may_hide(&mut self, table: TableName, column: Column) -> bool {
        self.faults.count(&self.findings);
        self.faults.may_hide(table, column)
    }

    /// Reports that a table has no row, unless its rows could not be read.
    pub(super) fn no_row(&mut self, table: TableName, rule: &str, help: &str) {
        if self.rows.len(table) == 0 && !self.may_hide(table, Column::RowKey) {
            let place = Place::table(table);
            self.findings.push(if self.rows.is_missing(table) {
                let file = table.file_name();
                let rule = format!("{rule}, because the file `{file}` is missing");
                place.error(rule, format!("put it back, or {help}"))
            } else {
                place.error(rule, help)
            });
        }
    }

    /// Reports that a cell is empty; an invalid one has been reported.
    pub(super) fn missing(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        rule: &str,
        help: &str,
    ) {
        if !row.has(column) {
            self.error(row, column, rule, help);
        }
    }

    /// Reports the problems of the expressions of a cell.
    pub(super) fn problems(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        problems: impl IntoIterator<Item = Problem>,
    ) {
        let findings = problems.into_iter().map(|it| {
            let finding = row.cell(column).error(it.rule, it.help);
            finding.with(it.severity)
        });
        self.findings.extend(findings);
    }

    /// Notes what the expressions of a cell compare with names that tables list.
    pub(super) fn compared(
        &mut self,
        row: &CanonicalRow<'c>,
        column: Column,
        comparisons: &[Comparison],
    ) {
        let compared = comparisons.iter().map(|comparison| Compared {
            row: *row,
            column,
            comparison: comparison.clone(),
        });
        self.compared.extend(compared);
    }
}
