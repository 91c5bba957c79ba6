//! Fake tokens, assembled at run time: no file may hold a complete one.

/// A public portion of 24 characters.
pub const P24: &str = "FAKEPUBLICFAKEPUBLIC2345";
/// A public portion of 8 characters.
pub const P8: &str = "FAKEPUB2";
/// A secret portion of 64 characters.
pub const S64: &str = "FAKESECRETDONOTUSEABCDEFGHIJKLMNOPQRSTUVWXYZ234567ZYXWVUTSRQPONM";
/// A hand-made public portion, with digits that base32 does not have.
pub const W24: &str = "FAKEPUBLICFAKEPUBLIC0189";
/// The secret portion of an agent connection token: 64 lower-case hex digits.
pub const HEX64: &str = "fa4e5ec2e70000000123456789abcdef0123456789abcdef0123456789abcdef";
/// The secret portion of a tenant token.
pub const A24: &str = "FAKEtenantTok3n00000ABCD";
/// A legacy API token.
pub const L21: &str = "FAKE_legacy-tok3n_abc";
/// A legacy tenant token.
pub const T16: &str = "FAKEtenantTok3n0";
/// An environment id.
pub const ENV: &str = "abc12345";
/// An environment id that is a UUID.
pub const UUID: &str = "00000000-0000-4000-8000-000000000000";

/// An API token as `printf %s "$TOKEN" | gzip -9n` compresses it. A test knows it by its
/// checksum.
pub const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\
K)1H60\xd4ss\xf4v\x0d\x08u\xf2\xf1tF\xb0\x8c\x8cML\xc1\x12\xc1\xae\xceA\xae!.\xfe~\xfe!\xa1\xc1\
\xae\x8eN\xce.\xaen\xee\x1e\x9e^\xde>\xbe~\xfe\x01\x81A\xc1!\xa1a\xe1\x11\x91Q\x20\x0df\xe6Q\x91\
\x11\xe1a\xa1!\xc1A\x81\x01\xfe~\xbe\x00\
\xee\xfd\xf4b\x60\0\0\0";

/// A hand-made secret portion, with digits that base32 does not have.
pub fn w64() -> String {
    format!("FAKE0189{}", "ABCDEFGH".repeat(7))
}

/// A token of `prefix` with a public portion of 24 characters.
pub fn token(prefix: &str) -> String {
    token_with_id(prefix, P24)
}

/// A token of `prefix` with a public portion of 8 characters.
pub fn short_token(prefix: &str) -> String {
    token_with_id(prefix, P8)
}

/// A token of `prefix` whose public portion is `id`.
pub fn token_with_id(prefix: &str, id: &str) -> String {
    [prefix, id, S64].join(".")
}

/// An API token, `dt0c01`.
pub fn api_token() -> String {
    token("dt0c01")
}

/// A platform token, `dt0s16`.
pub fn platform_token() -> String {
    short_token("dt0s16")
}

/// An OAuth client secret, `dt0s02`.
pub fn client_secret() -> String {
    short_token("dt0s02")
}

/// An agent connection token, `dt0a01`, with a secret in lower-case hex.
pub fn connection_token() -> String {
    ["dt0a01", ENV, HEX64].join(".")
}

/// A tenant token, `dt0a02`, whose second and last part is the secret.
pub fn tenant_token() -> String {
    ["dt0a02", A24].join(".")
}

/// `token` with every byte after its last dot replaced by `*`.
pub fn masked(token: &str) -> String {
    let at = token.rfind('.').map_or(0, |dot| dot + 1);
    format!("{}{}", &token[..at], "*".repeat(token.len() - at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_have_their_lengths() {
        assert_eq!([P24.len(), W24.len(), A24.len()], [24; 3]);
        assert_eq!([S64.len(), w64().len(), HEX64.len()], [64; 3]);
        assert_eq!([P8.len(), ENV.len()], [8; 2]);
        assert_eq!([L21.len(), T16.len(), UUID.len()], [21, 16, 36]);
    }

    #[test]
    fn the_compressed_token_is_the_token() {
        // The checksum of gzip, a bit at a time (RFC 1952, section 8).
        let checksum = !api_token().bytes().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| {
                crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
            })
        });
        let trailer = [checksum, 96].map(u32::to_le_bytes).concat();
        assert_eq!(api_token().len(), 96);
        assert!(GZIP.starts_with(b"\x1f\x8b\x08") && GZIP.ends_with(&trailer));
    }

    #[test]
    fn masked_keeps_the_identifier() {
        assert_eq!(
            masked(&platform_token()),
            format!("dt0s16.{P8}.{}", "*".repeat(64))
        );
    }
}
