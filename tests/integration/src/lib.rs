//! Tests of whole peers over real sockets. They are in `tests/`; this library is empty.
