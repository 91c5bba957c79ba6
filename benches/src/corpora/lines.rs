//! Log records like real ones, of seven kinds. None of them says a word that a rule keys on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::scene::Scene;

/// Appends one record, of one line or more, to a buffer.
pub(crate) type Record = fn(&mut Scene, &mut Vec<u8>);

/// Every kind, for corpora that mix them.
pub(crate) const KINDS: &[Record] = &[nginx, syslog, klog, container, logfmt, java, ci];

/// Writing to a `Vec` cannot fail; this macro keeps the `expect` in one place.
macro_rules! put {
    ($out:expr, $($args:tt)*) => {{
        use std::io::Write as _;
        writeln!($out, $($args)*).expect("a vector takes every byte")
    }};
}
pub(crate) use put;

/// An access log of nginx in its combined format, with the request time.
pub(crate) fn nginx(scene: &mut Scene, out: &mut Vec<u8>) {
    const AGENTS: &[&str] = &[
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
        "kube-probe/1.29",
        "curl/8.5.0",
        "Prometheus/2.51.0",
    ];
    scene.tick();
    let address = scene.address();
    let (day, time, path) = (scene.day(), scene.time(), scene.path());
    let rng = &mut scene.rng;
    let method = rng.pick(&["GET", "GET", "GET", "POST", "HEAD"]);
    let status = rng.pick(&[200, 200, 200, 200, 204, 301, 304, 404, 499, 502]);
    let size = rng.below(60_000);
    let agent = rng.pick(AGENTS);
    let (seconds, millis) = (rng.below(3), rng.below(1000));
    put!(
        out,
        "{address} - - [{day:02}/Mar/2025:{time} +0000] \"{method} {path} HTTP/1.1\" {status} {size} \
         \"https://shop.example.com/\" \"{agent}\" {seconds}.{millis:03}"
    );
}

/// A syslog file with several daemons in it.
pub(crate) fn syslog(scene: &mut Scene, out: &mut Vec<u8>) {
    scene.tick();
    let (day, time, host) = (scene.day(), scene.time(), scene.host());
    let address = scene.address();
    let rng = &mut scene.rng;
    let pid = rng.between(300, 40_000);
    let head = format!("Mar {day:2} {time} {host}");
    match rng.below(6) {
        0 => {
            let port = rng.between(1024, 65_535);
            let digest: Vec<u8> = (0..32).map(|_| rng.next_u64() as u8).collect();
            let print = STANDARD_NO_PAD.encode(digest);
            put!(
                out,
                "{head} sshd[{pid}]: Accepted publickey for deploy from {address} port {port} ssh2: ED25519 SHA256:{print}"
            );
        }
        1 => {
            let unit = rng.pick(&["logrotate", "apt-daily", "fstrim", "man-db"]);
            put!(
                out,
                "{head} systemd[1]: Finished {unit}.service - a periodic task of this machine."
            );
        }
        2 => put!(
            out,
            "{head} CRON[{pid}]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)"
        ),
        3 => {
            let (up, sector) = (rng.below(900_000), rng.next_u64() >> 30);
            put!(
                out,
                "{head} kernel: [{up:6}.{pid:06}] blk_update_request: I/O error, dev sdb, sector {sector} op 0x0:(READ)"
            );
        }
        4 => put!(
            out,
            "{head} dhclient[{pid}]: DHCPACK of {address} from 10.0.0.1 (xid=0x{pid:08x})"
        ),
        _ => put!(
            out,
            "{head} postfix/smtpd[{pid}]: disconnect from unknown[{address}] ehlo=1 auth=0/1 quit=1 commands=2/3"
        ),
    }
}

/// What the parts of Kubernetes write.
pub(crate) fn klog(scene: &mut Scene, out: &mut Vec<u8>) {
    scene.tick();
    let (day, time) = (scene.day(), scene.time());
    let (pod, uid) = (scene.pod(), scene.uuid());
    let mount = scene.rng.word(b"bcdfghjklmnpqrstvwxz2456789", 5);
    let rng = &mut scene.rng;
    let micros = rng.below(1_000_000);
    let at = format!("{day:02} {time}.{micros:06}");
    match rng.below(4) {
        0 => put!(
            out,
            "I03{at}       1 reconciler_common.go:231] \"operationExecutor.MountVolume started for volume \
             \\\"kube-api-access-{mount}\\\" (UniqueName: \\\"kubernetes.io/projected/{uid}-kube-api-access-{mount}\\\") \
             pod \\\"{pod}\\\" (UID: \\\"{uid}\\\") \" pod=\"shop/{pod}\""
        ),
        1 => put!(
            out,
            "E03{at}    2043 pod_workers.go:1298] \"Error syncing pod, skipping\" err=\"failed to \\\"StartContainer\\\" for \
             \\\"app\\\" with CrashLoopBackOff: \\\"back-off 5m0s restarting failed container\\\"\" pod=\"shop/{pod}\" podUID=\"{uid}\""
        ),
        2 => {
            let took = rng.between(500, 4000);
            put!(
                out,
                "I03{at}       1 trace.go:236] Trace[{}]: \"List\" accept:application/json,audit-id:{uid},verb:LIST \
                 (total time: {took}ms):",
                rng.next_u64() >> 33
            );
        }
        _ => put!(
            out,
            "W03{at}       1 reflector.go:539] k8s.io/client-go/informers/factory.go:159: watch of *v1.Pod ended with: \
             an error on the server (\"unable to decode an event from the watch stream\") has prevented the request"
        ),
    }
}

/// Records of a container runtime: one JSON object a line around what the program said.
pub(crate) fn container(scene: &mut Scene, out: &mut Vec<u8>) {
    scene.tick();
    let (at, service, order) = (scene.timestamp(), scene.service(), scene.order());
    let rng = &mut scene.rng;
    let (thread, amount, items) = (rng.between(1, 64), rng.below(90_000), rng.between(1, 9));
    let (level, stream) = rng.pick(&[
        ("INFO ", "stdout"),
        ("DEBUG", "stdout"),
        ("WARN ", "stderr"),
    ]);
    put!(
        out,
        "{{\"log\":\"{at} {level} [http-nio-8080-exec-{thread}] c.e.shop.{service}.OrderController : order {order} \
         accepted, {items} items, total={amount} EUR\\n\",\"stream\":\"{stream}\",\"time\":\"{at}\"}}"
    );
}

/// Pairs of keys and values, as Go services write them.
pub(crate) fn logfmt(scene: &mut Scene, out: &mut Vec<u8>) {
    scene.tick();
    let (at, service, path) = (scene.timestamp(), scene.service(), scene.path());
    let (trace, span, remote) = (scene.hex(32), scene.hex(16), scene.address());
    let rng = &mut scene.rng;
    let level = rng.pick(&["info", "info", "info", "debug", "warn"]);
    let (status, took) = (rng.pick(&[200, 200, 201, 404, 503]), rng.below(100_000));
    put!(
        out,
        "time={at} level={level} msg=\"request served\" service={service} method=GET path=\"{path}\" status={status} \
         duration={}.{:03}ms remote={remote} trace_id={trace} span_id={span}",
        took / 1000,
        took % 1000
    );
}

/// An exception of a Java service with its stack trace, two dozen lines and more.
pub(crate) fn java(scene: &mut Scene, out: &mut Vec<u8>) {
    const FRAMES: &[&str] = &[
        "org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java",
        "org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java",
        "org.apache.catalina.core.ApplicationFilterChain.internalDoFilter(ApplicationFilterChain.java",
        "org.apache.coyote.http11.Http11Processor.service(Http11Processor.java",
        "java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java",
        "java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java",
        "com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java",
        "com.example.shop.OrderService.place(OrderService.java",
        "com.example.shop.OrderController.post(OrderController.java",
    ];
    scene.tick();
    let (at, order) = (scene.timestamp(), scene.order());
    let thread = scene.rng.between(1, 64);
    put!(
        out,
        "{at} ERROR 1 --- [nio-8080-exec-{thread}] o.a.c.c.C.[.[.[/].[dispatcherServlet] : Servlet.service() for servlet \
         [dispatcherServlet] threw exception"
    );
    put!(
        out,
        "java.lang.IllegalStateException: order {order} is already closed"
    );
    for part in 0..2 {
        for _ in 0..scene.rng.between(8, 20) {
            put!(
                out,
                "\tat {}:{})",
                scene.rng.pick(FRAMES),
                scene.rng.between(20, 1900)
            );
        }
        if part == 0 {
            let wait = scene.rng.between(1000, 30_000);
            put!(
                out,
                "Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request \
                 timed out after {wait}ms."
            );
        }
    }
    put!(out, "\t... {} more", scene.rng.between(20, 90));
}

/// The output of a build, colours included.
pub(crate) fn ci(scene: &mut Scene, out: &mut Vec<u8>) {
    const CRATES: &[&str] = &[
        "serde",
        "memchr",
        "regex-automata",
        "tokio",
        "hyper",
        "rustls",
        "tracing",
    ];
    scene.tick();
    let (at, service, digest) = (scene.timestamp(), scene.service(), scene.hex(12));
    let rng = &mut scene.rng;
    let (name, minor, patch) = (rng.pick(CRATES), rng.below(30), rng.below(200));
    match rng.below(6) {
        0 => put!(
            out,
            "{at} \x1b[0m\x1b[0m\x1b[1m\x1b[32m   Compiling\x1b[0m {name} v1.{minor}.{patch}"
        ),
        1 => put!(
            out,
            "{at} test {service}::tests::case_{minor}_of_{patch} ... \x1b[32mok\x1b[m"
        ),
        2 => put!(
            out,
            "{at} Step {}/30 : RUN apt-get update && apt-get install -y libssl-dev",
            minor + 1
        ),
        3 => put!(out, "{at}  ---> Running in {digest}"),
        4 => put!(
            out,
            "{at} Downloading from central: https://repo.maven.apache.org/maven2/org/{name}/{name}-core/1.{minor}.{patch}/\
             {name}-core-1.{minor}.{patch}.jar"
        ),
        _ => put!(
            out,
            "{at} ##[debug]Evaluating condition for step: 'Upload {service} artifacts' => success()"
        ),
    }
}
