//! Clients that do not speak MQTT 3.1.1.

use rmqtt_codec::v3::QoS;

use super::sdk::{check_assigned, open, registering, token};
use super::service;

#[tokio::test]
async fn garbage_closes_its_connection_and_no_other() {
    let service = service().await;
    let check = async |what: &str, bytes: &[u8], expected: &[u8]| {
        let received = open(&service, None).await.garbage(bytes).await;
        assert_eq!(received, expected, "{what}");
    };
    let http = [b"GET / HTTP/1.1\r\n".as_slice(), &[b'x'; 100]].concat();
    let mqtt_5 = b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00";
    let broken = b"\x10\x0c\x00\x04MQTT\x04\xff\x00\x00\x00\x00";
    let endless = b"\x10\xff\xff\xff\xff\xff";
    check("not MQTT", &http, b"").await;
    check("MQTT 5", mqtt_5, b"\x20\x02\x00\x01").await;
    check("too long", b"\x10\xff\xff\xff\x7f", b"").await;
    check("a length without end", endless, b"").await;
    check("PINGREQ first", b"\xc0\x00", b"").await;
    check("a broken CONNECT", broken, b"").await;

    let (user_name, token) = (registering("dev-1"), token("dev-1"));
    let mut mqtt = open(&service, None).await;
    mqtt.connect("dev-1", &user_name, Some(&token)).await;
    let other = "$dps/registrations/PUT/other/?$rid=1";
    mqtt.publish(other, "", QoS::AtMostOnce).await;
    assert_eq!(mqtt.next().await, None, "a topic that there is not");
    check_assigned(&service, "dev-1", Some(&token), None).await;
}
