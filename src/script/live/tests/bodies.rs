//! Bodies that go on.

use super::*;

const SERVER: &str = "
export default {
  async fetch(request: Request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/echo') return new Response(request.body);
    if (pathname === '/large') return new Response(new Uint8Array(5_000_000).map((_, at) => at % 251));
    if (pathname === '/sum') {
      let count = 0, sum = 0;
      for await (const piece of request.body!) { count += piece.length; for (const byte of piece) sum += byte; }
      return new Response(`${count} ${sum}`);
    }
    if (pathname === '/later') {
      const sent = [request.clone().text(), request.text()];
      await new Promise((resolve) => setTimeout(resolve, 50));
      return new Response(await sent[0]);
    }
    let pulled = 0;
    const body = new ReadableStream({
      pull(to) {
        if (pathname === '/breaks' && pulled === 2) throw new RangeError('no more of it');
        if (pathname === '/hidden' && pulled === 2) throw new Proxy({}, { getPrototypeOf() { throw 1 } });
        console.log(`pulled ${++pulled}`);
        to.enqueue(new TextEncoder().encode(`${pulled}`.repeat(1000)));
      },
      cancel: (reason) => console.log('cancelled'),
    });
    request.signal.onabort = () => console.log('aborted');
    return new Response(body);
  },
};";

#[test]
fn bytes_are_the_same_both_ways() {
    let scene = Scene::new(&[("/server.ts", SERVER)]);
    scene.block_on(async {
        let sent = |path: &str, pieces: Vec<Vec<u8>>| {
            let mut asked = request("POST", path);
            let (sender, body) = mpsc::channel(1);
            asked.body = Some(body);
            tokio::spawn(async move {
                for piece in pieces {
                    if sender.send(Ok(piece.into())).await.is_err() {
                        return;
                    }
                }
            });
            scene.live.fetch(asked)
        };
        let piece: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        let sum: u64 = piece.iter().map(|byte| u64::from(*byte)).sum();
        let answer = sent("/sum", vec![piece.clone(); 8]).await.unwrap();
        assert_eq!(
            read(answer.body).await.unwrap(),
            format!("2400000 {}", sum * 8)
        );

        let answer = sent("/echo", vec![piece.clone(), vec![], vec![7], piece.clone()])
            .await
            .unwrap();
        let mut body = answer.body.unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = body.recv().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        assert!(bytes == [&piece[..], &[7], &piece[..]].concat());

        let mut body = scene
            .live
            .fetch(request("GET", "/large"))
            .await
            .unwrap()
            .body
            .unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = body.recv().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        assert!(
            bytes.len() == 5_000_000
                && bytes
                    .iter()
                    .enumerate()
                    .all(|(at, byte)| at % 251 == usize::from(*byte))
        );
    });
}

#[test]
fn an_answer_goes_on_with_its_request() {
    let scene = Scene::new(&[("/server.ts", SERVER)]);
    scene.block_on(async {
        let (sender, body) = mpsc::channel(1);
        let mut asked = request("POST", "/echo");
        asked.body = Some(body);
        let answer = scene.live.fetch(asked).await.unwrap();
        let mut body = answer.body.unwrap();
        for text in ["one", "two", "three"] {
            sender.send(Ok(Bytes::from(text))).await.unwrap();
            assert_eq!(body.recv().await.unwrap().unwrap(), text);
        }
        // The client breaks off amid its body.
        sender
            .send(Err(std::io::Error::other("cut")))
            .await
            .unwrap();
        let broken = body.recv().await.unwrap().unwrap_err();
        assert!(broken.to_string().contains("cut"), "{broken}");
        assert!(body.recv().await.is_none());

        // So it does before there is an answer: nobody waits for it.
        for path in ["/sum", "/later"] {
            let (sender, body) = mpsc::channel(1);
            let mut asked = request("POST", path);
            asked.body = Some(body);
            sender
                .send(Err(std::io::Error::other("cut")))
                .await
                .unwrap();
            let failed = scene.live.fetch(asked).await.unwrap_err();
            assert!(failed.is_of_client(), "{failed}");
            assert_eq!(scene.printed(), "", "{path}");
        }
    });
}

#[test]
fn nothing_piles_up_and_who_stops_reading_is_told() {
    let scene = Scene::new(&[("/server.ts", SERVER)]);
    scene.block_on(async {
        let mut body = scene
            .live
            .fetch(request("GET", "/endless"))
            .await
            .unwrap()
            .body
            .unwrap();
        for number in ["1", "2", "3"] {
            assert_eq!(body.recv().await.unwrap().unwrap(), number.repeat(1000));
        }
        // Another request goes all the way meanwhile; what is pulled ahead by then is little.
        _ = scene.live.fetch(request("GET", "/large")).await.unwrap();
        let pulled = scene.printed().matches("pulled").count();
        assert!(pulled <= 8, "{pulled} pieces are ahead");
        drop(body);
        scene
            .until(|printed| printed.contains("cancelled") && printed.contains("aborted"))
            .await;
    });
}

#[test]
fn a_body_that_breaks_off_is_not_whole() {
    let scene = Scene::new(&[("/server.ts", SERVER)]);
    scene.block_on(async {
        let answer = scene.live.fetch(request("GET", "/breaks")).await.unwrap();
        let broken = read(answer.body).await.unwrap_err().to_string();
        assert!(
            broken.starts_with("RangeError: no more of it\n    at pull (/server.ts:"),
            "{broken}"
        );
        let answer = scene.live.fetch(request("GET", "/hidden")).await.unwrap();
        let broken = read(answer.body).await.unwrap_err().to_string();
        assert_eq!(broken, "<a value that cannot be shown>");
    });
}
