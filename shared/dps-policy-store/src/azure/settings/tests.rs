use super::*;

/// What the settings, `name=value` with a space between them, mean, or all that is wrong.
#[track_caller]
fn check(settings: &str, expected: &str) {
    let set = settings.split(' ');
    let set = set.filter_map(|setting| setting.split_once('='));
    let environment = Environment::new(set.map(|(name, value)| (name.into(), value.into())));
    let read = environment.read(Connection::read);
    assert!(!format!("{read:?}").contains("hidden"), "{read:?}");
    let reported = match read {
        Ok(None) => "nothing".to_owned(),
        Ok(Some(connection)) => format!("{connection} by {}", connection.access()),
        Err(wrong) => wrong.faults().join("\n"),
    };
    assert_eq!(reported, expected);
}

const ACME: &str = "PolicyTables__tableServiceUri=https://acme.table.core.windows.net";

#[track_caller]
fn identity(settings: &str, who: &str) {
    let expected = format!("https://acme.table.core.windows.net by {who}");
    check(&format!("{ACME} {settings}"), &expected);
}

#[test]
fn without_settings_there_is_no_connection() {
    check("", "nothing");
    check(
        "PolicyTables= IDENTITY_ENDPOINT=http://x AZURE_CLIENT_ID=y",
        "nothing",
    );
    check("PolicyTables__create=true", "nothing");
}

#[test]
fn the_identity_is_the_one_that_is_named() {
    identity("", "the user of the Azure CLI or azd");
    identity("IDENTITY_ENDPOINT=http://x", "the system-assigned identity");
    identity(
        "PolicyTables__credential=managedidentity",
        "the system-assigned identity",
    );
    identity(
        "PolicyTables__credential=managedIdentity PolicyTables__clientId=c",
        "the managed identity `c`",
    );
    identity(
        "IDENTITY_ENDPOINT=http://x PolicyTables__clientId=c",
        "the managed identity `c`",
    );
    identity(
        "PolicyTables__credential=workloadidentity",
        "the workload identity",
    );
    identity(
        "PolicyTables__credential=clientsecret PolicyTables__tenantId=t PolicyTables__clientId=c \
         PolicyTables__clientSecret=hidden",
        "the app `c`",
    );
    identity(
        "PolicyTables__credential=clientsecret AZURE_TENANT_ID=t AZURE_CLIENT_ID=c \
         AZURE_CLIENT_SECRET=hidden",
        "the app `c`",
    );
    identity(
        "PolicyTables__credential=awsRole PolicyTables__tenantId=t PolicyTables__clientId=c \
         AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=hidden \
         AWS_SESSION_TOKEN=hidden",
        "the role of AWS in `eu-west-1` as `c`",
    );
    identity(
        "PolicyTables__credential=azurecli IDENTITY_ENDPOINT=http://x",
        "the user of the Azure CLI",
    );
    identity(
        "PolicyTables__credential=azurecli PolicyTables__subscription=factory",
        "the user of the Azure CLI in subscription `factory`",
    );
}

#[test]
fn every_fault_is_reported_at_once() {
    check(
        "PolicyTables=hidden PolicyTables__tableServiceUri=http://localhost/hidden \
         PolicyTables__credential=hidden",
        "PolicyTables__tableServiceUri: PolicyTables is set too; remove one of the two\n\
         PolicyTables: part 1 of it is not `Name=value`; copy it from Access keys\n\
         PolicyTables__credential: write managedidentity, workloadidentity, awsrole, clientsecret or azurecli\n\
         PolicyTables__tableServiceUri: tokens are sent over https only",
    );
    check(
        "PolicyTables__credential=azurecli PolicyTables__clientId=hidden",
        "PolicyTables__credential: it goes with PolicyTables__tableServiceUri; set that, or remove this\n\
         PolicyTables__clientId: it goes with PolicyTables__tableServiceUri; set that, or remove this",
    );
    check(
        &format!("{ACME} PolicyTables__credential=clientsecret PolicyTables__clientSecret=hidden"),
        "PolicyTables__tenantId: clientsecret needs it; set it, or AZURE_TENANT_ID\n\
         PolicyTables__clientId: clientsecret needs it; set it, or AZURE_CLIENT_ID",
    );
    check(
        &format!(
            "{ACME} PolicyTables__credential=azurecli PolicyTables__clientId=c PolicyTables__clientSecret=hidden"
        ),
        "PolicyTables__clientId: this PolicyTables__credential does not use it; change that, or remove this\n\
         PolicyTables__clientSecret: this PolicyTables__credential does not use it; change that, or remove this",
    );
}

#[test]
fn a_subscription_is_for_the_azure_cli_alone() {
    check(
        &format!("{ACME} PolicyTables__credential=managedidentity PolicyTables__subscription=s"),
        "PolicyTables__subscription: this PolicyTables__credential does not use it; change that, or remove this",
    );
}

#[test]
fn what_a_role_of_aws_lacks_is_reported() {
    check(
        &format!("{ACME} PolicyTables__credential=awsrole AWS_REGION=eu-west-1"),
        "PolicyTables__tenantId: awsrole needs it; set it, or AZURE_TENANT_ID\n\
         PolicyTables__clientId: awsrole needs it; set it, or AZURE_CLIENT_ID\n\
         AWS_ACCESS_KEY_ID: awsrole needs it; AWS gives it to a function\n\
         AWS_SECRET_ACCESS_KEY: awsrole needs it; AWS gives it to a function\n\
         AWS_SESSION_TOKEN: awsrole needs it; AWS gives it to a function",
    );
    check(
        &format!(
            "{ACME} PolicyTables__credential=awsrole PolicyTables__tenantId=t PolicyTables__clientId=c \
             AWS_REGION=eu.evil/ AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=hidden AWS_SESSION_TOKEN=hidden"
        ),
        "AWS_REGION: it is not the name of a region such as eu-west-1",
    );
}

#[test]
fn an_unknown_setting_is_an_error() {
    check("PATH=x PolicyTables2=x", "nothing");
    check(
        "PolicyTables__endpoint=hidden",
        "PolicyTables__endpoint: there is no such setting; there are \
         PolicyTables__tableServiceUri, PolicyTables__credential, PolicyTables__clientId, \
         PolicyTables__tenantId, PolicyTables__clientSecret, PolicyTables__subscription and \
         PolicyTables__create",
    );
}
