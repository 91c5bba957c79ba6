//! Secrets that Kubernetes and Docker mount as folders.

use std::fs;
use std::os::unix::fs::symlink;

use crate::known::{folder, refused, stars, text};
use crate::process::{run, shell};

/// What the kubelet makes of a secret with these keys.
fn kubelet(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let volume = tempfile::tempdir().expect("a folder can be made");
    let stamped = "..2025_01_31_12_00_00.1234567890";
    for (name, content) in files {
        let path = volume.path().join(stamped).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    symlink(stamped, volume.path().join("..data")).unwrap();
    for (name, _) in files {
        let top = name.split('/').next().unwrap();
        let link = volume.path().join(top);
        if !link.exists() {
            symlink(format!("..data/{top}"), link).unwrap();
        }
    }
    volume
}

#[test]
fn a_mounted_secret_is_masked() {
    let volume = kubelet(&[
        ("password", b"corr ect horse\n"),
        ("two-newlines", b"staple battery\n\n"),
        ("windows", b"written with crlf\r\n"),
        (".dockerconfigjson", b"{\"auths\":{}}"),
        ("keystore.p12", b"\x00\xff\xfe\x01\n\x80binary"),
        ("tls.key", b"-----BEGIN X-----\nAbC+/=\n-----END X-----\n"),
        ("group/nested", b"in a folder of it"),
    ]);
    // What an update that was cut short left behind.
    let stale = volume.path().join("..2024_12_31_12_00_00.987654321");
    fs::create_dir(&stale).unwrap();
    fs::write(stale.join("password"), "short").unwrap();
    symlink("..gone", volume.path().join("..data_tmp")).unwrap();
    let args = ["--known-dir", text(volume.path())];
    let input = b"corr ect horse\nstaple battery;\nstaple battery\n\nwritten with crlf\n\
                  {\"auths\":{}} \x00\xff\xfe\x01\n\x80binary\n\
                  -----BEGIN X-----\nAbC+/=\n-----END X-----\n\
                  '-----BEGIN X-----\\nAbC+/=\\n-----END X-----' in a folder of it";
    let ran = run(&args, input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let expected = format!(
        "{}\nstaple battery;\n{}\n{}\n{} {}\n{}\n'{}' {}",
        stars(14),
        stars(15),
        stars(17),
        stars(12),
        stars(12),
        stars(40),
        stars(42),
        stars(17),
    );
    assert_eq!(ran.text(), expected);
    let table = run(&["rules", "--known-dir", text(volume.path())], "").text();
    assert!(table.contains(" 7 known values"), "{table}");
}

#[test]
fn a_folder_of_folders_holds_values() {
    let volume = kubelet(&[("group/password", b"corr ect horse")]);
    let ran = run(&["--known-dir", text(volume.path())], "corr ect horse");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(ran.text(), stars(14));
}

#[test]
fn a_short_entry_is_named() {
    let volume = kubelet(&[("username", b"admin"), ("password", b"corr ect horse")]);
    let ran = run(&["--known-dir", text(volume.path())], "admin");
    refused(&ran, &["/username is too short"]);
    assert!(!ran.stderr.contains("admin") && !ran.stderr.contains("horse"));
}

#[test]
fn what_is_no_value_is_refused() {
    let root = folder(&[("file", b"long enough")]);
    let root = root.path();
    let of = |name: &str| run(&["--known-dir", text(&root.join(name))], "x");
    refused(&of("missing"), &["cannot read", "/missing", "No such file"]);
    refused(&of("file"), &["/file is no folder", "--known-file"]);

    let make = |name: &str| {
        fs::create_dir_all(root.join(name)).unwrap();
        root.join(name)
    };
    symlink("nowhere", make("broken").join("link")).unwrap();
    refused(&of("broken"), &["cannot read", "/broken/link"]);
    symlink("..", make("loop/inner").join("up")).unwrap();
    refused(&of("loop"), &["/loop/inner/up is a link to a folder"]);
    fs::write(make("long").join("key"), vec![b'L'; 64 * 1024 + 1]).unwrap();
    refused(&of("long"), &["/long/key is too long"]);
    fs::write(make("huge").join("key"), vec![b'L'; 1 << 20]).unwrap();
    refused(&of("huge"), &["/huge/key is too long"]);
    let fifo = make("fifo").join("pipe");
    shell(&format!("mkfifo '{}'", fifo.display()), "");
    refused(&of("fifo"), &["/fifo/pipe is neither a file nor a folder"]);

    make("empty/..data");
    let ran = of("empty");
    assert_eq!((ran.code, ran.text().as_str()), (Some(0), "x"));
    assert!(ran.stderr.ends_with("/empty holds no known value\n"));
}
