//! Bytes between a gRPC stream and a thread that reads or writes documents, with a few messages in between.

use crate::limits::WAIT_MAX;
use prost::bytes::{Buf, Bytes};
use std::io::{self, Read, Write};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Bytes of one message of a stream.
pub const PIECE_BYTES: usize = 256 * 1024;

/// A piece of a document on its way in.
#[derive(Debug)]
pub enum Piece {
    /// The next bytes.
    Data(Bytes),
    /// There are no more.
    End,
}

/// The thread's end of a document on its way in. An end without [`Piece::End`] is an error: half a document is none.
#[derive(Debug)]
pub struct Incoming {
    pieces: mpsc::Receiver<Piece>,
    current: Bytes,
    ended: bool,
}

impl Incoming {
    /// Reads what is sent to the receiver's other end.
    pub fn new(pieces: mpsc::Receiver<Piece>) -> Self {
        Self { pieces, current: Bytes::new(), ended: false }
    }
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Data(data)) => self.current = data,
                Some(Piece::End) => self.ended = true,
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let bytes = into.len().min(self.current.len());
        self.current.copy_to_slice(&mut into[..bytes]);
        Ok(bytes)
    }
}

/// The thread's end of a document on its way out. Whoever does not read for [`WAIT_MAX`] is given up.
#[derive(Debug)]
pub struct Outgoing<M> {
    runtime: Handle,
    sender: mpsc::Sender<M>,
    message: fn(Bytes) -> M,
    /// How many bytes were sent.
    pub sent: u64,
}

impl<M> Outgoing<M> {
    /// Sends what is written as messages.
    pub fn new(runtime: Handle, sender: mpsc::Sender<M>, message: fn(Bytes) -> M) -> Self {
        Self { runtime, sender, message, sent: 0 }
    }
}

impl<M> Write for Outgoing<M> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(PIECE_BYTES)];
        let message = (self.message)(Bytes::copy_from_slice(piece));
        let sent = match self.sender.try_send(message) {
            Err(mpsc::error::TrySendError::Full(message)) => {
                self.runtime.block_on(self.sender.send_timeout(message, WAIT_MAX)).map_err(drop)
            }
            sent => sent.map_err(drop),
        };
        sent.map_err(|()| io::Error::from(io::ErrorKind::BrokenPipe))?;
        self.sent += piece.len() as u64;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_document_arrives_as_it_was_and_half_of_one_is_an_error() {
        let (sender, receiver) = mpsc::channel(8);
        for piece in [&b"one "[..], b"", b"two"] {
            sender.blocking_send(Piece::Data(Bytes::from_static(piece))).unwrap();
        }
        sender.blocking_send(Piece::End).unwrap();
        let mut read = Vec::new();
        Incoming::new(receiver).read_to_end(&mut read).unwrap();
        assert_eq!(read, b"one two");
        let (sender, receiver) = mpsc::channel(8);
        sender.blocking_send(Piece::Data(Bytes::from_static(b"one"))).unwrap();
        drop(sender);
        let error = Incoming::new(receiver).read_to_end(&mut read).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_is_written_goes_out_in_pieces_and_fails_when_nobody_reads() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (sender, mut receiver) = mpsc::channel(8);
        let mut outgoing = Outgoing::new(runtime.handle().clone(), sender, |bytes| bytes);
        let document = vec![7; PIECE_BYTES + 1];
        outgoing.write_all(&document).unwrap();
        assert_eq!(outgoing.sent, document.len() as u64);
        assert_eq!([receiver.blocking_recv().unwrap(), receiver.blocking_recv().unwrap()].concat(), document);
        drop(receiver);
        assert_eq!(outgoing.write_all(b"more").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
