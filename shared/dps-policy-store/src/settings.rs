//! The settings that say where the config tables are.

use std::path::PathBuf;

use dps_settings::{Environment, Faulty, Setting};

use crate::azure::{AzureTables, CREATE, ClientError, Connection, TablePrefix, WrongPrefix};
use crate::csv::CsvFolder;
use crate::store::PolicyStore;

/// Which store the variables name.
#[derive(Clone, Debug)]
pub enum StoreSettings {
    /// A folder of CSV files: `POLICY_DIR`, default `infra/policy`.
    Folder(PathBuf),
    /// Azure Tables: `PolicyTables`, or `PolicyTables__tableServiceUri` and what goes with it.
    Tables {
        /// The account, and how to sign in to it.
        connection: Connection,
        /// `POLICY_TABLE_PREFIX`, default `Dps`.
        prefix: TablePrefix,
        /// Whether to create tables that are missing: `PolicyTables__create`, default false.
        create: bool,
    },
}

const POLICY_DIR: &str = "POLICY_DIR";
const POLICY_TABLE_PREFIX: &str = "POLICY_TABLE_PREFIX";

/// The starter tables, where a checkout has them.
const DEFAULT_POLICY_DIR: &str = "infra/policy";

impl StoreSettings {
    /// The setting of the folder.
    pub const FOLDER: &[Setting] = &[Setting::new(
        &[POLICY_DIR],
        "Folder of the config tables; not read where a setting names tables in Azure.",
    )
    .with_default(DEFAULT_POLICY_DIR)];

    /// The settings of tables in Azure, besides [`Connection::SETTINGS`].
    pub const TABLES: &[Setting] = &[
        Setting::new(
            &[CREATE],
            "`true`: the webhook creates tables that are missing.",
        )
        .with_default("false"),
        Setting::new(
            &[POLICY_TABLE_PREFIX],
            "First part of the names of the tables.",
        )
        .with_default("Dps"),
    ];

    /// Reads the settings.
    ///
    /// # Errors
    /// [`Faulty`] if one is wrong.
    pub fn read(environment: &mut Environment) -> Result<Self, Faulty> {
        let connection = Connection::read(environment);
        let prefix = environment.parse(POLICY_TABLE_PREFIX, str::parse::<TablePrefix>);
        let create = environment.parse(CREATE, boolean);
        let folder = environment.parse(POLICY_DIR, |text| {
            let is_home = text == "~" || text.starts_with("~/");
            let rule = "only a shell understands `~`; write the whole path";
            if is_home { Err(rule) } else { Ok(()) }
        });
        let (prefix, create) = (prefix?, create?);
        folder?;
        if let Some(connection) = connection? {
            return Ok(Self::Tables {
                connection,
                prefix: prefix.unwrap_or_default(),
                create: create.unwrap_or(false),
            });
        }
        let folder = environment.raw(POLICY_DIR);
        Ok(Self::Folder(
            folder.map_or(DEFAULT_POLICY_DIR.into(), PathBuf::from),
        ))
    }

    /// Other tables of the same kind: in the folder `name`, or with the prefix `name` in the same
    /// account.
    ///
    /// # Errors
    /// If `name` is not a prefix, or names the same tables.
    pub fn beside(&self, name: &str) -> Result<Self, String> {
        let other = match self {
            Self::Folder(_) => Self::Folder(name.into()),
            Self::Tables { connection, .. } => Self::Tables {
                connection: connection.clone(),
                prefix: name
                    .parse()
                    .map_err(|wrong: WrongPrefix| wrong.to_string())?,
                create: false,
            },
        };
        let is_same = match (self, &other) {
            (Self::Folder(path), Self::Folder(other)) => path == other,
            (Self::Tables { prefix, .. }, Self::Tables { prefix: other, .. }) => prefix == other,
            _ => false,
        };
        if is_same {
            return Err(format!("`{name}` names the live policy; name other tables"));
        }
        Ok(other)
    }

    /// The store; nothing is read yet.
    ///
    /// # Errors
    /// [`ClientError`] when the identity lacks a setting, or TLS cannot be set up.
    pub fn open(&self) -> Result<PolicyStore, ClientError> {
        Ok(match self {
            Self::Folder(path) => PolicyStore::Csv(CsvFolder::new(path)),
            Self::Tables {
                connection, prefix, ..
            } => PolicyStore::Azure(AzureTables::new(connection.clone(), prefix.clone())?),
        })
    }

    /// Whether tables that are missing are to be created.
    #[must_use]
    pub fn creates_tables(&self) -> bool {
        matches!(self, Self::Tables { create: true, .. })
    }
}

fn boolean(text: &str) -> Result<bool, &'static str> {
    text.to_ascii_lowercase()
        .parse()
        .map_err(|_cause| "write true or false")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<StoreSettings, String> {
        let variables = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        let environment = Environment::new(variables);
        let read = environment.read(StoreSettings::read);
        read.map_err(|wrong| wrong.faults().join("\n"))
    }

    fn folder(variables: &[(&str, &str)]) -> String {
        match read(variables) {
            Ok(StoreSettings::Folder(path)) => path.display().to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_a_connection_the_tables_are_a_folder() {
        assert_eq!(folder(&[]), "infra/policy");
        assert_eq!(
            folder(&[("POLICY_DIR", ""), ("PolicyTables", "")]),
            "infra/policy"
        );
        assert_eq!(
            folder(&[("POLICY_DIR", "/etc/dps policy")]),
            "/etc/dps policy"
        );
        assert_eq!(
            folder(&[("PolicyTablesX", "of somebody else")]),
            "infra/policy"
        );
    }

    #[track_caller]
    fn tables(variables: &[(&str, &str)], expected: (&str, bool)) {
        let settings = read(variables).unwrap();
        let store = settings.open().unwrap().to_string();
        assert_eq!((store.as_str(), settings.creates_tables()), expected);
    }

    #[test]
    fn a_connection_names_the_tables() {
        let azurite = ("PolicyTables", "UseDevelopmentStorage=true");
        let url = "http://127.0.0.1:10002/devstoreaccount1";
        let here = |prefix: &str| format!("Azure Tables `{url}`, prefix `{prefix}`");
        tables(&[azurite], (&here("Dps"), false));
        tables(&[azurite, ("POLICY_DIR", "/x")], (&here("Dps"), false));
        tables(
            &[azurite, ("POLICY_TABLE_PREFIX", "Test1")],
            (&here("Test1"), false),
        );
        tables(
            &[azurite, ("PolicyTables__create", "True")],
            (&here("Dps"), true),
        );
    }

    #[test]
    fn every_fault_is_reported_at_once_and_no_secret_is() {
        let wrong = read(&[
            ("PolicyTables", "AccountName=a;AccountKey=top secret"),
            ("PolicyTables__creat", "true"),
            ("PolicyTables__create", "perhaps"),
            ("POLICY_TABLE_PREFIX", "1st"),
        ])
        .unwrap_err();
        for part in [
            "PolicyTables: ",
            "PolicyTables__creat: ",
            "PolicyTables__create: ",
            "`1st`",
        ] {
            assert!(wrong.contains(part), "{part}: {wrong}");
        }
        assert!(!wrong.contains("secret"), "{wrong}");
    }

    #[test]
    fn every_setting_may_be_pasted_wrong() {
        for (name, value, rule) in [
            (
                "POLICY_DIR",
                "\"/etc/policy\"",
                "it stands in quotation marks",
            ),
            ("POLICY_DIR", "~/policy", "only a shell understands `~`"),
            (
                "POLICY_TABLE_PREFIX",
                "'Dps'",
                "it stands in quotation marks",
            ),
            ("PolicyTables__create", "${CREATE}", "it is a placeholder"),
            (
                "PolicyTables",
                "\"UseDevelopmentStorage=true\"",
                "it stands in quotation marks",
            ),
        ] {
            let wrong = read(&[(name, value)]).unwrap_err();
            assert!(wrong.starts_with(&format!("{name}: {rule}")), "{wrong}");
            assert_eq!(wrong.lines().count(), 1, "{wrong}");
        }
        let uri = (
            "PolicyTables__tableServiceUri",
            "https://a.table.core.windows.net",
        );
        for (name, value, rule) in [
            (
                "PolicyTables__tableServiceUri",
                "\"https://a.b\"",
                "it stands in quotation marks",
            ),
            (
                "PolicyTables__tableServiceUri",
                "https://a.blob.core.windows.net",
                "it is the endpoint of another",
            ),
            (
                "PolicyTables__clientId",
                "@Microsoft.KeyVault(x)",
                "it is a reference to Key Vault",
            ),
            (
                "PolicyTables__clientId",
                "/subscriptions/x",
                "it is a resource id",
            ),
            (
                "PolicyTables__credential",
                "'azurecli'",
                "it stands in quotation marks",
            ),
        ] {
            let mut set = vec![(name, value)];
            set.extend((name != uri.0).then_some(uri));
            if name.ends_with("clientId") {
                set.push(("PolicyTables__credential", "managedidentity"));
            }
            let wrong = read(&set).unwrap_err();
            assert!(wrong.contains(&format!("{name}: {rule}")), "{wrong}");
        }
    }
}
