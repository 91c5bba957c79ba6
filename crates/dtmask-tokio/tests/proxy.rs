//! The example, between a client and a target on loopback.

#[path = "../examples/proxy.rs"]
// Its `main` is not for tests.
#[allow(dead_code)]
mod proxy;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use dtmask_core::Redactor;
use dtmask_test::example;
use dtmask_test::samples::{L21, api_token, masked};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const LIMIT: Duration = Duration::from_secs(60);

/// A proxy in front of `target`, as an address to connect to.
async fn proxy_to(target: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(proxy::serve(listener, target, Redactor::new()));
    address
}

#[tokio::test]
async fn it_masks_both_directions_and_passes_on_the_end_of_each() {
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy_to(target.local_addr().unwrap().to_string()).await;
    let token = api_token();
    let request = format!("POST /x HTTP/1.1\r\nAuthorization: Api-Token {token}\r\n\r\n");
    let answer = format!("{{\"token\":\"{token}\"}} api-token=short");

    let server = async {
        let (mut server, _) = target.accept().await.unwrap();
        let mut got = String::new();
        // The client's end of sending reaches the target while the answer is still to come.
        server.read_to_string(&mut got).await.unwrap();
        server.write_all(answer.as_bytes()).await.unwrap();
        got
    };
    let client = async {
        let mut client = TcpStream::connect(&address).await.unwrap();
        // Cut in the middle of the token.
        let (front, back) = request.split_at(70);
        client.write_all(front.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        client.write_all(back.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let mut got = String::new();
        client.read_to_string(&mut got).await.unwrap();
        got
    };
    let both = async { tokio::join!(server, client) };
    let (at_server, at_client) = tokio::time::timeout(LIMIT, both).await.expect("in time");
    assert_eq!(at_server, request.replace(&token, &masked(&token)));
    assert_eq!(at_client, answer.replace(&token, &masked(&token)));
}

#[tokio::test]
async fn connections_share_nothing_and_outlive_each_other() {
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy_to(target.local_addr().unwrap().to_string()).await;
    let test = async {
        let mut first = TcpStream::connect(&address).await.unwrap();
        let (mut first_server, _) = target.accept().await.unwrap();
        let mut second = TcpStream::connect(&address).await.unwrap();
        let (mut second_server, _) = target.accept().await.unwrap();
        // Half a secret on one connection, the other half on the other one.
        let (front, back) = L21.split_at(12);
        first
            .write_all(format!("api-token={front}").as_bytes())
            .await
            .unwrap();
        second.write_all(back.as_bytes()).await.unwrap();
        second.shutdown().await.unwrap();
        let mut got = String::new();
        second_server.read_to_string(&mut got).await.unwrap();
        assert_eq!(got, back);
        drop((second, second_server));
        first.write_all(back.as_bytes()).await.unwrap();
        first.shutdown().await.unwrap();
        got.clear();
        first_server.read_to_string(&mut got).await.unwrap();
        assert_eq!(got, format!("api-token={}", "*".repeat(21)));
    };
    tokio::time::timeout(LIMIT, test).await.expect("in time");
}

#[tokio::test]
async fn a_target_that_is_down_costs_one_connection() {
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = target.local_addr().unwrap().to_string();
    drop(target);
    let address = proxy_to(gone).await;
    let test = async {
        for _ in 0..2 {
            let mut client = TcpStream::connect(&address).await.unwrap();
            // The end, or a reset: nothing was passed on either way.
            let read = client.read(&mut [0; 8]).await;
            assert!(matches!(read, Ok(0) | Err(_)));
        }
    };
    tokio::time::timeout(LIMIT, test).await.expect("in time");
}

/// The example as a process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_runs_as_its_documentation_says() {
    let target = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut proxy = example::command("proxy");
    proxy.args(["127.0.0.1:0", &target.local_addr().unwrap().to_string()]);
    let mut process = Process(proxy.stderr(Stdio::piped()).spawn().unwrap());
    let mut said = String::new();
    let stderr = process.0.stderr.take().unwrap();
    BufReader::new(stderr).read_line(&mut said).unwrap();
    let address = said.split(' ').nth(3).expect("it says where it listens");

    let token = api_token();
    let mut client = std::net::TcpStream::connect(address).unwrap();
    client
        .write_all(format!("<14>1 app {token}\n").as_bytes())
        .unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let (mut server, _) = target.accept().unwrap();
    let mut got = String::new();
    server.read_to_string(&mut got).unwrap();
    assert_eq!(got, format!("<14>1 app {}\n", masked(&token)));
}

#[test]
fn it_takes_two_addresses() {
    let parse = |args: &[&str]| proxy::addresses(args.iter().map(|&arg| arg.to_owned()));
    assert_eq!(
        parse(&["a:1", "b:2"]),
        Some(("a:1".to_owned(), "b:2".to_owned()))
    );
    assert_eq!(parse(&["a:1"]), None);
    assert_eq!(parse(&["a:1", "b:2", "c:3"]), None);
    assert_eq!(parse(&[]), None);
}
