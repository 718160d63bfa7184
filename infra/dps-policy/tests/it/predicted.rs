//! What was predicted of a push: kept with its revision, shown, and held against a log.

mod kept;
mod log;
mod named;

use std::fs;

use crate::cloud::Cloud;
use crate::program::{Folder, Run, revision, run};

const WEU: &str = "contoso-weu-1.azure-devices.net";
const EUS: &str = "contoso-eus-1.azure-devices.net";
const SEA: &str = "contoso-sea-1.azure-devices.net";

/// The starter tables, and a draft that closes a hub with ten devices.
struct Planned {
    draft: Folder,
    fleet: String,
    plan: String,
}

impl Planned {
    /// Previewed by this program, from these tables.
    fn by(run: impl Fn(&[&str]) -> Run, from: &str) -> Self {
        Self::of(Folder::starter(), run, from)
    }

    /// The same of other tables.
    fn of(tables: Folder, run: impl Fn(&[&str]) -> Run, from: &str) -> Self {
        let draft = tables.edit("hubs.csv", ",factory,2,,open,", ",factory,2,,closed,");
        let head = "registrationId,enrollment,currentHub,attestation\n".to_owned();
        let rows = (0..10).map(|number| format!("dev-{number},tpm-gw-1,{WEU},tpm\n"));
        let draft = draft.write("fleet.list", &rows.fold(head, |fleet, row| fleet + &row));
        let path = |name: &str| format!("{}/{name}", draft.path());
        let (fleet, plan) = (path("fleet.list"), path("plan.json"));
        let arguments = ["preview", from, draft.path(), "--fleet", &fleet];
        let more = ["--out", &plan, "--without", "payload", "--at", "2026-11-01"];
        run(&[&arguments[..], &more].concat()).answer(0);
        Self { draft, fleet, plan }
    }

    /// Where each of the devices goes.
    fn hubs(&self) -> Vec<(String, String)> {
        let list = format!("{}/moved.list", self.draft.path());
        let arguments = ["preview", "infra/policy", self.draft.path(), "--fleet"];
        let more = [&*self.fleet, "--list", &list, "--without", "payload"];
        run(&[&arguments[..], &more].concat()).answer(0);
        let text = fs::read_to_string(list).unwrap();
        let rows = text.lines().skip(1).map(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            (cells[0].to_owned(), cells[4].to_owned())
        });
        rows.collect()
    }

    fn push(&self, cloud: &Cloud, options: &[&str]) -> Run {
        let arguments = ["push", "--yes", "--plan", &self.plan, self.draft.path()];
        cloud.run(&[&arguments[..], options].concat())
    }

    /// The line of a decision by the draft, a year from now: after every preview of this test.
    fn line(&self, id: &str, from: &str, to: &str) -> String {
        let revision = revision(self.draft.path());
        let answer = match to.strip_prefix('!') {
            Some(reason) => format!("\"outcome\":\"refused\",\"reason\":\"{reason}\""),
            None => format!("\"hub\":\"{to}\",\"outcome\":\"assigned\",\"reason\":\"latency\""),
        };
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2099-11-01T10:00:00Z\",\
             \"revision\":\"{revision}\",\"registrationId\":\"{id}\",\"tenant\":\"tenant-a\",\
             \"currentHub\":\"{from}\",{answer}}}\n"
        )
    }

    fn log(&self, name: &str, lines: &[String]) -> String {
        let path = format!("{}/{name}", self.draft.path());
        fs::write(&path, lines.concat()).unwrap();
        path
    }
}
