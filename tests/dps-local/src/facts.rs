//! What a service that keeps data says when it starts, for other commands.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_local::{Server, Site, SymmetricKey};
use serde::{Deserialize, Serialize};

use crate::private::Private;

const FILE: &str = "service.json";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    pub(crate) https: SocketAddr,
    pub(crate) mqtt: SocketAddr,
    pub(crate) id_scope: String,
    /// Of the service, for operators.
    pub(crate) host: String,
    pub(crate) connection_string: String,
    owner_key: Option<String>,
    /// Of the group that is there from the start.
    group_key: Option<String>,
    /// The certificate to trust.
    pub(crate) authority: PathBuf,
}

impl Facts {
    pub(crate) fn of(server: &Server, group: &str, folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            https: server.https(),
            mqtt: server.mqtt(),
            id_scope: server.id_scope().to_owned(),
            host: server.host(),
            owner_key: server.owner_key().map(String::from),
            connection_string: server.connection_string().unwrap_or_default(),
            group_key: server.group_key(group).map(String::from),
            authority: folder.join("ca.pem").canonicalize()?,
        })
    }

    /// Of the group that is there from the start.
    pub(crate) fn group_key(&self) -> anyhow::Result<SymmetricKey> {
        key(
            self.group_key.as_ref(),
            "enrollment group that it could have made",
        )
    }

    /// Of who may do everything.
    pub(crate) fn owner_key(&self) -> anyhow::Result<SymmetricKey> {
        key(self.owner_key.as_ref(), "shared access policy of its owner")
    }

    /// The certificate to trust, as PEM.
    pub(crate) fn trusted(&self) -> anyhow::Result<String> {
        let text = fs::read_to_string(&self.authority);
        text.with_context(|| format!("cannot read `{}`", self.authority.display()))
    }

    pub(crate) fn site(&self) -> anyhow::Result<Site> {
        Ok(Site {
            https: self.https,
            mqtt: self.mqtt,
            id_scope: self.id_scope.clone(),
            authority: self.trusted()?,
        })
    }

    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        Private::Replaced.write(&folder.join(FILE), &text)
    }

    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).with_context(|| {
            format!(
                "cannot read `{}`: start the service first, without --ephemeral, or name its folder with --folder",
                path.display()
            )
        })?;
        serde_json::from_str(&text)
            .with_context(|| format!("`{}` is of another version", path.display()))
    }
}

fn key(key: Option<&String>, of: &str) -> anyhow::Result<SymmetricKey> {
    let key = key.with_context(|| format!("the service has no {of}"))?;
    Ok(SymmetricKey::try_from(key.clone())?)
}
