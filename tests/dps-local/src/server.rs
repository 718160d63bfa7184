//! A running service.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::access::{AccessPolicy, OWNER};
use crate::amqp;
use crate::data::{Data, DataError};
use crate::dps::{Core, Dps};
use crate::enrollment::{Attestation, Group};
use crate::https;
use crate::hub::LinkedHub;
use crate::key::SymmetricKey;
use crate::log::Log;
use crate::mqtt;
use crate::options::Options;
use crate::seed::{Seed, SeedError};
use crate::simulated::Site;
use crate::tls::{LocalAuthority, LocalAuthorityError, acceptor, serve};

/// The file in [`Options::folder`] with all that the service knows.
const DATA: &str = "dps-local.redb";

/// Why a service does not start.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(#[from] Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("cannot use the data of an earlier run, `{DATA}`: {0}")]
    Data(#[from] DataError),
    #[error("{0}")]
    Authority(#[from] LocalAuthorityError),
    #[error("cannot use TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("cannot make a client for webhooks: {0}")]
    Client(#[from] reqwest::Error),
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    #[error("cannot write the keys of the service: {0}")]
    Keys(#[from] crate::store::NotStored),
}

/// A Device Provisioning Service that listens; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    dps: Dps,
    authority: Arc<LocalAuthority>,
    https: SocketAddr,
    mqtt: SocketAddr,
    amqp: SocketAddr,
    listening: [AbortHandle; 3],
}

impl Server {
    /// Starts it, with the data and certificates of an earlier run if there are any.
    ///
    /// # Errors
    /// Says what cannot be read, written or listened on.
    pub async fn start(options: Options, log: Log) -> Result<Self, StartError> {
        Ok(start(options, log).await?)
    }

    /// Adds hubs and enrollments to what the service knows, and replaces those of the same name.
    ///
    /// # Errors
    /// Names the first record that is not taken.
    pub async fn seed(&self, seed: Seed) -> Result<(), SeedError> {
        seed.sow(self.dps.core()).await
    }

    /// Where devices and operators call.
    #[must_use]
    pub fn https(&self) -> SocketAddr {
        self.https
    }

    /// Where devices call with MQTT, the service and its hubs alike.
    #[must_use]
    pub fn mqtt(&self) -> SocketAddr {
        self.mqtt
    }

    /// What devices have to know of it.
    #[must_use]
    pub fn site(&self) -> Site {
        Site {
            https: self.https,
            mqtt: self.mqtt,
            id_scope: self.id_scope().to_owned(),
            authority: self.authority().to_owned(),
        }
    }

    /// Where devices call with AMQP to register.
    #[must_use]
    pub fn amqp(&self) -> SocketAddr {
        self.amqp
    }

    /// Id scope of the service.
    #[must_use]
    pub fn id_scope(&self) -> &str {
        &self.dps.core().options.id_scope
    }

    /// Host name of the service for operators.
    #[must_use]
    pub fn host(&self) -> String {
        self.dps.core().host()
    }

    /// The certificate that clients have to trust, as PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.authority.pem()
    }

    /// Primary key of the shared access policy that may do everything; `None` if somebody has removed it.
    #[must_use]
    pub fn owner_key(&self) -> Option<SymmetricKey> {
        let state = self.dps.core().data.read();
        let owner = state.get::<AccessPolicy>(OWNER);
        owner.map(|owner| owner.keys.primary_key.clone())
    }

    /// Whether a hub is linked.
    #[must_use]
    pub fn has_hubs(&self) -> bool {
        let state = self.dps.core().data.read();
        !state.all::<LinkedHub>().is_empty()
    }

    /// Whether there is an enrollment group with this id.
    #[must_use]
    pub fn has_group(&self, id: &str) -> bool {
        let state = self.dps.core().data.read();
        state.get::<Group>(&id.to_ascii_lowercase()).is_some()
    }

    /// Primary key of an enrollment group; `None` if there is no such group, or it attests with certificates.
    #[must_use]
    pub fn group_key(&self, id: &str) -> Option<SymmetricKey> {
        let state = self.dps.core().data.read();
        let group = state.get::<Group>(&id.to_ascii_lowercase())?;
        match &group.terms.attestation {
            Attestation::SymmetricKey(keys) => Some(keys.as_ref()?.primary_key.clone()),
            Attestation::X509(_) | Attestation::Tpm(_) => None,
        }
    }

    /// What SDKs of operators are given to connect.
    #[must_use]
    pub fn connection_string(&self) -> Option<String> {
        let key = String::from(self.owner_key()?);
        let host = self.host();
        Some(format!(
            "HostName={host};SharedAccessKeyName={OWNER};SharedAccessKey={key}"
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.iter().for_each(AbortHandle::abort);
    }
}

async fn start(options: Options, log: Log) -> Result<Server, Cause> {
    let (data, authority) = match &options.folder {
        Some(folder) => (
            Data::open(&folder.join(DATA))?,
            LocalAuthority::open(folder)?,
        ),
        None => (Data::ephemeral(), LocalAuthority::create()?),
    };
    let new = data.edit(|edit| {
        if edit.all::<AccessPolicy>().is_empty() {
            edit.put(AccessPolicy::owner());
        }
    });
    new.await?;
    let authority = Arc::new(authority);
    let (https, mqtt, amqp) = (
        listen(options.address, options.https_port).await?,
        listen(options.address, options.mqtt_port).await?,
        listen(options.address, options.amqp_port).await?,
    );
    let core = Arc::new(Core::new(data, options, log)?);
    let acceptor = |protocols: &[&[u8]]| acceptor(Arc::clone(&authority), names(&core), protocols);
    // Clients of MQTT do not agree on whether they name it, and those of AMQP do not.
    let (for_https, for_others) = (acceptor(&[b"http/1.1"])?, acceptor(&[])?);
    let dps = Dps::new(core);
    let [over_https, over_mqtt, over_amqp] = [(); 3].map(|()| dps.clone());
    let listening = [
        tokio::spawn(serve(https.0, for_https, move |stream, called| {
            https::speak(stream, called, over_https.clone())
        })),
        tokio::spawn(serve(mqtt.0, for_others.clone(), move |stream, called| {
            mqtt::speak(stream, called, over_mqtt.clone())
        })),
        tokio::spawn(serve(amqp.0, for_others, move |stream, called| {
            amqp::speak(stream, called, over_amqp.clone())
        })),
    ];
    Ok(Server {
        https: https.1,
        mqtt: mqtt.1,
        amqp: amqp.1,
        listening: listening.map(|task| task.abort_handle()),
        dps,
        authority,
    })
}

/// By which the service is called.
fn names(core: &Core) -> Vec<String> {
    let usual = [
        "localhost",
        "127.0.0.1",
        "::1",
        "global.azure-devices-provisioning.net",
    ];
    let own = [core.options.address.to_string(), core.host()];
    usual.map(str::to_owned).into_iter().chain(own).collect()
}

async fn listen(address: IpAddr, port: u16) -> Result<(TcpListener, SocketAddr), Cause> {
    let address = SocketAddr::new(address, port);
    let failed = |error| Cause::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}
