//! Certificates as PEM: the ledger holds their bytes, peers read files.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const LINE: usize = 64;

/// A certificate in DER as PEM.
pub(crate) fn certificate(der: &[u8]) -> String {
    let text = base64(der);
    let lines = text.as_bytes().chunks(LINE).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    format!("-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n", lines.collect::<String>())
}

fn base64(bytes: &[u8]) -> String {
    let group = |three: &[u8]| {
        let byte = |index: usize| u32::from(three.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        // Three bytes are four digits; each byte that is missing leaves one digit out.
        let digit = move |index: usize| match index <= three.len() {
            true => char::from(ALPHABET[(bits >> (18 - 6 * index) & 63) as usize]),
            false => '=',
        };
        (0..4).map(digit).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    #[test]
    fn every_length_is_padded_as_the_form_asks() {
        for (plain, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn whoever_reads_pem_finds_the_same_bytes() {
        for length in [1, 47, 48, 49, 300] {
            let der: Vec<u8> = (0..length).map(|index| (index * 37 % 251) as u8).collect();
            let read = CertificateDer::from_pem_slice(certificate(&der).as_bytes()).unwrap();
            assert_eq!(&*read, &der[..]);
        }
    }
}
