import datetime as dt
import ssl
from ipaddress import IPv4Address

import pytest

from fakes.site import PUBLIC


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """Return the server's side of TLS for pictures.example and PUBLIC, which clients trust, and the names they ask."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pictures.example")])
    names = [x509.DNSName("pictures.example"), x509.IPAddress(IPv4Address(PUBLIC))]
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "both.pem"
    path.write_bytes(secret + certificate.public_bytes(pem))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    asked = []
    context.sni_callback = lambda _connection, name, _context: asked.append(name)
    return context, asked
