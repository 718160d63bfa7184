use super::*;

const KEY: &str = "c2VjcmV0";

/// What a connection string means, or what is wrong with it; neither shows a secret.
#[track_caller]
fn check(text: &str, expected: &str) {
    let text = text.replace("{KEY}", KEY);
    let parsed = Connection::parse(&text);
    for secret in [KEY, "secret", "c2ln", EMULATOR_KEY] {
        assert!(!format!("{parsed:?}").contains(secret), "{parsed:?}");
    }
    let told = match parsed {
        Ok(connection) => format!("{connection} by {}", connection.access()),
        Err(wrong) => wrong.to_string(),
    };
    assert_eq!(told, expected);
}

#[test]
fn an_account_key() {
    let acme = "https://acme.table.core.windows.net by the key of account `acme`";
    check(
        "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={KEY};EndpointSuffix=core.windows.net",
        acme,
    );
    check(" accountname = acme ; ACCOUNTKEY={KEY} ;", acme);
    check(
        "AccountName=acme;AccountKey={KEY};BlobEndpoint=https://x;QueueEndpoint=y;FileEndpoint=z",
        acme,
    );
    check(
        "AccountName=acme;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn",
        "https://acme.table.core.chinacloudapi.cn by the key of account `acme`",
    );
    check(
        "AccountName=acme;AccountKey={KEY};TableEndpoint=http://[::1]:10002/acme/",
        "http://[::1]:10002/acme by the key of account `acme`",
    );
}

#[test]
fn a_shared_access_signature() {
    let expected = "https://acme.table.core.windows.net by the shared access signature";
    check(
        "TableEndpoint=https://acme.table.core.windows.net/;SharedAccessSignature=sv=2&sig=c2ln",
        expected,
    );
    check(
        "AccountName=acme;SharedAccessSignature=?sv=2&sig=c2ln%3D",
        expected,
    );
}

#[test]
fn the_emulator() {
    let by = "by the key of account `devstoreaccount1`";
    check(
        "UseDevelopmentStorage=true",
        &format!("http://127.0.0.1:10002/devstoreaccount1 {by}"),
    );
    check(
        "UseDevelopmentStorage=True;DevelopmentStorageProxyUri=http://localhost/",
        &format!("http://localhost:10002/devstoreaccount1 {by}"),
    );
}

#[test]
fn what_is_wrong_is_told_without_a_value() {
    check(
        "{KEY}",
        "PolicyTables: part 1 of it is not `Name=value`; copy it from Access keys",
    );
    check(
        "AccountName=acme;{KEY}==",
        "PolicyTables: part 2 of it has a name that connection strings of storage accounts do not \
         know; copy it from Access keys",
    );
    check(
        "AccountKey={KEY}",
        "PolicyTables: AccountName or TableEndpoint is missing",
    );
    check(
        "AccountKey={KEY};TableEndpoint=https://x.y",
        "PolicyTables: AccountName is missing",
    );
    check(
        "AccountName=acme;AccountKey=secret!",
        "PolicyTables: AccountKey is not base64; copy it from Access keys",
    );
    check(
        "AccountName=acme",
        "PolicyTables: AccountKey or SharedAccessSignature is missing; for a managed identity set \
         PolicyTables__tableServiceUri instead",
    );
    check(
        "AccountName=acme;AccountKey={KEY};SharedAccessSignature=sig=c2ln",
        "PolicyTables: write AccountKey or SharedAccessSignature, not both",
    );
    check(
        "AccountName=acme;SharedAccessSignature=c2ln",
        "PolicyTables: SharedAccessSignature has no `sig`; copy it whole, it begins with `sv=`",
    );
    check(
        "UseDevelopmentStorage=false",
        "PolicyTables: UseDevelopmentStorage can only be true",
    );
    check(
        "UseDevelopmentStorage=true;AccountKey={KEY}",
        "PolicyTables: UseDevelopmentStorage=true comes without account, key and signature",
    );
}

#[test]
fn secrets_are_not_sent_in_the_clear() {
    let rule = "PolicyTables: http is for Azurite on this machine; write https";
    check(
        "DefaultEndpointsProtocol=http;AccountName=acme;AccountKey={KEY}",
        rule,
    );
    check(
        "TableEndpoint=http://azurite:10002/x;SharedAccessSignature=sig=c2ln",
        rule,
    );
    check(
        "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1.example.org",
        rule,
    );
    let no_url = "PolicyTables: the endpoint is not a URL such as \
         https://account.table.core.windows.net, without a query";
    check(
        "TableEndpoint=https://x.y?sig=c2ln;SharedAccessSignature=sig=c2ln",
        no_url,
    );
    check(
        "TableEndpoint=https://u:secret@x.y;SharedAccessSignature=sig=c2ln",
        no_url,
    );
    check(
        "TableEndpoint=ftp://x.y;SharedAccessSignature=sig=c2ln",
        no_url,
    );
    check("TableEndpoint=x;SharedAccessSignature=sig=c2ln", no_url);
}
