//! What the columns of a CSV file and the members of a JSON object are called.

use super::fault::FleetError;

/// What a column or a member says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Group,
    Individual,
    Hub,
    Linked,
    Attestation,
    Certificate,
    IotEdge,
    Payload,
    /// A line of the decision log, in an export of logs.
    Message,
}

/// The names of each field, in lower case: ours, those of DPS and those of IoT Hub.
const NAMES: [(Field, &[&str]); 10] = [
    (Field::Id, &["registrationid", "deviceid", "id"]),
    (
        Field::Group,
        &[
            "enrollment",
            "enrollmentgroup",
            "enrollmentgroupid",
            "enrollmentid",
        ],
    ),
    (Field::Individual, &["individual", "individualenrollment"]),
    (
        Field::Hub,
        &["currenthub", "assignedhub", "hub", "currentiothubhostname"],
    ),
    (Field::Linked, &["linkedhubs", "iothubs"]),
    (Field::Attestation, &["attestation", "attestationtype"]),
    (Field::Certificate, &["certificate", "clientcertificate"]),
    (Field::IotEdge, &["iotedge"]),
    (Field::Payload, &["payload"]),
    (Field::Message, &["message", "logmessage", "log_s"]),
];

impl Field {
    /// Reads a name without regard to case and `_`; `None` for an unknown name.
    ///
    /// The number is smaller for the names that are preferred: a registration record has two ids.
    pub(super) fn of(name: &str) -> Option<(Self, usize)> {
        let folded: String = name.trim().chars().filter(|c| *c != '_').collect();
        NAMES.iter().find_map(|(field, names)| {
            let mut names = names.iter();
            let rank = names.position(|known| known.eq_ignore_ascii_case(&folded))?;
            Some((*field, rank))
        })
    }
}

/// Which column of a CSV file says what.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    fields: Vec<Option<Field>>,
    /// The names of columns that are not read, some because of another column.
    pub(super) unread: Vec<String>,
}

impl Columns {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`FleetError::NoIds`] and [`FleetError::SameColumns`].
    pub(super) fn read<'n>(
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<Self, FleetError> {
        let mut columns = Self::default();
        let found: Vec<Option<(Field, usize)>> = names.clone().map(Field::of).collect();
        let all: Vec<&str> = names.collect();
        for (number, (found_here, name)) in found.iter().zip(&all).enumerate() {
            let is_better = |other: &Option<(Field, usize)>| match (found_here, other) {
                (Some((field, rank)), Some((same, better))) => field == same && better < rank,
                _ => false,
            };
            let better = found.iter().position(is_better);
            let twin = found.iter().take(number).position(|it| it == found_here);
            if let (Some(_), Some(twin)) = (found_here, twin) {
                let twin = all.get(twin).copied().unwrap_or_default();
                return Err(FleetError::SameColumns(twin.to_owned(), (*name).to_owned()));
            }
            let field = found_here.filter(|_| better.is_none());
            match better.and_then(|at| all.get(at)) {
                Some(better) => columns.unread.push(format!("{name} ({better} counts)")),
                None if field.is_none() => columns.unread.push((*name).to_owned()),
                None => {}
            }
            columns.fields.push(field.map(|(field, _)| field));
        }
        let has = |field| columns.fields.contains(&Some(field));
        if has(Field::Id) || has(Field::Message) {
            Ok(columns)
        } else {
            Err(FleetError::NoIds(all.join(",")))
        }
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// What each column says, in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = Option<Field>> {
        self.fields.iter().copied()
    }
}
