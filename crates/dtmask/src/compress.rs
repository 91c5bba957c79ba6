//! Compressed files: what they are known by, read and written as streams.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

/// A form that files are compressed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Gzip,
    Zstd,
}

/// The compressed bytes read at once.
const BUFFER: usize = 128 * 1024;

impl Format {
    /// How many bytes of a file [`Format::of_content`] wants to see.
    pub(crate) const MAGIC: usize = 4;

    /// The form of a file that starts with `head`.
    pub(crate) fn of_content(head: &[u8]) -> Option<Format> {
        match *head {
            // The third byte is the method, of which there is only one.
            [0x1f, 0x8b, 0x08, ..] => Some(Format::Gzip),
            // A frame, or one of those that are to be skipped, with which parallel
            // compressors begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
                Some(Format::Zstd)
            }
            _ => None,
        }
    }

    /// The form that is wanted for a file of this name.
    pub(crate) fn of_name(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()? {
            "gz" => Some(Format::Gzip),
            "zst" => Some(Format::Zstd),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Gzip => "gzip",
            Format::Zstd => "zstd",
        })
    }
}

/// The bytes decoded at once: a call that comes upon damage loses what it decoded.
const DECODED: usize = 16 * 1024;

/// What a compressed file holds: all of its members or frames.
pub(crate) enum Decoder<R: Read> {
    Gzip(Box<Members<BufReader<R>>>),
    Zstd(zstd::Decoder<'static, BufReader<R>>),
}

impl<R: Read> Decoder<R> {
    /// # Errors
    ///
    /// If there is no memory.
    pub(crate) fn new(format: Format, reader: R) -> io::Result<Decoder<R>> {
        let reader = BufReader::with_capacity(BUFFER, reader);
        Ok(match format {
            Format::Gzip => Decoder::Gzip(Box::new(Members::new(reader))),
            Format::Zstd => Decoder::Zstd(zstd::Decoder::with_buffer(reader)?),
        })
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(DECODED);
        let buffer = &mut buffer[..len];
        match self {
            Decoder::Gzip(decoder) => decoder.read(buffer),
            Decoder::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// Whether a decoder refuses a zstd file made with `--long`, as zstd itself does unasked: it
/// refers to what is over 128 MiB back, which has to be kept.
pub(crate) fn is_too_long(error: &io::Error) -> bool {
    // The words of the library, which has no other way to tell.
    error.to_string().contains("requires too much memory")
}

/// The members of a gzip file, one after the other. Zeros behind one are padding, as for
/// gzip: from a tape, say, or from a crash.
pub(crate) struct Members<R> {
    /// `None` behind the last one.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    fn new(reader: R) -> Members<R> {
        let member = Some(GzDecoder::new(reader));
        Members { member }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let n = member.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            let more = skip_zeros(member.get_mut())?;
            let member = self.member.take().filter(|_| more);
            self.member = member.map(|member| GzDecoder::new(member.into_inner()));
        }
        Ok(0)
    }
}

/// Whether something comes behind the zeros.
fn skip_zeros(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let more = zeros < bytes.len();
        reader.consume(zeros);
        if more {
            return Ok(true);
        }
    }
}

/// A writer that compresses, or one that does not.
pub(crate) enum Encoder<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> Encoder<W> {
    /// # Errors
    ///
    /// If there is no memory.
    pub(crate) fn new(format: Option<Format>, writer: W) -> io::Result<Encoder<W>> {
        Ok(match format {
            None => Encoder::Plain(writer),
            Some(Format::Gzip) => Encoder::Gzip(GzEncoder::new(writer, Compression::default())),
            Some(Format::Zstd) => {
                let mut encoder = zstd::Encoder::new(writer, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                encoder.include_checksum(true)?;
                Encoder::Zstd(encoder)
            }
        })
    }

    /// Ends what is compressed, and flushes the writer. Nothing may be written after it.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match self {
            Encoder::Plain(writer) => writer.flush(),
            Encoder::Gzip(encoder) => {
                encoder.try_finish()?;
                encoder.get_mut().flush()
            }
            Encoder::Zstd(encoder) => {
                encoder.do_finish()?;
                encoder.get_mut().flush()
            }
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Encoder::Plain(writer) => writer.write(bytes),
            Encoder::Gzip(encoder) => encoder.write(bytes),
            Encoder::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Encoder::Plain(writer) => writer.flush(),
            Encoder::Gzip(encoder) => encoder.flush(),
            Encoder::Zstd(encoder) => encoder.flush(),
        }
    }
}

impl<R: Read> fmt::Debug for Decoder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").finish_non_exhaustive()
    }
}

impl<W: Write> fmt::Debug for Encoder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::path::Path;

    use super::{Decoder, Encoder, Format};

    fn compressed(format: Option<Format>, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(format, &mut out).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap();
        drop(encoder);
        out
    }

    #[test]
    fn what_was_written_is_known_and_read_again() {
        for format in [Format::Gzip, Format::Zstd] {
            // Several members, an empty one among them.
            let mut file = compressed(Some(format), b"first ");
            file.extend(compressed(Some(format), b""));
            file.extend(compressed(Some(format), b"second"));
            assert_eq!(Format::of_content(&file[..Format::MAGIC]), Some(format));
            let mut text = String::new();
            let mut decoder = Decoder::new(format, &file[..]).unwrap();
            decoder.read_to_string(&mut text).unwrap();
            assert_eq!(text, "first second");
        }
        assert_eq!(compressed(None, b"plain"), b"plain");
    }

    #[test]
    fn zeros_behind_a_gzip_member_are_padding() {
        let mut file = compressed(Some(Format::Gzip), b"first ");
        for count in [1, 511, 2 * super::BUFFER] {
            file.extend(vec![0; count]);
            file.extend(compressed(Some(Format::Gzip), b"more "));
        }
        file.push(0);
        let read = |file: &[u8]| {
            let mut text = String::new();
            let mut decoder = Decoder::new(Format::Gzip, file).unwrap();
            let end = decoder.read_to_string(&mut text).map(|_| ());
            (text, end.map_err(|error| error.kind()))
        };
        assert_eq!(read(&file), ("first more more more ".into(), Ok(())));
        file.push(1);
        assert!(read(&file).1.is_err());
    }

    #[test]
    fn other_content_has_no_form() {
        for head in [
            &b""[..],
            b"\x1f",
            b"\x1f\x8b",
            b"\x1f\x8b\x09x",
            b"\x28\xb5\x2f",
            b"text",
        ] {
            assert_eq!(Format::of_content(head), None, "{head:?}");
        }
        let skippable = b"\x50\x2a\x4d\x18\x04";
        assert_eq!(Format::of_content(skippable), Some(Format::Zstd));
    }

    #[test]
    fn the_name_says_what_is_wanted() {
        for (name, format) in [
            ("a.gz", Some(Format::Gzip)),
            ("a.log.zst", Some(Format::Zstd)),
            ("gz", None),
            (".gz", None),
            ("a.gz/b", None),
            ("a.log", None),
        ] {
            assert_eq!(Format::of_name(Path::new(name)), format, "{name}");
        }
    }
}
