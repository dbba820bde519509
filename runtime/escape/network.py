"""Ways out: every one ends at a listener of the host, or at a socket that must not open."""
import os
import socket
import stat

from attempt import inside, syscall


def send(family, kind, address, protocol=0):
    with socket.socket(family, kind, protocol) as out:
        out.settimeout(1)
        out.connect(address)
        out.send(b"out")
    return f"sent to {address}"


def try_tcp_to_host(facts):
    return send(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", facts["tcp"]))


def try_udp_to_host(facts):
    return send(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", facts["udp"]))


def try_tcp6_to_host(facts):
    return send(socket.AF_INET6, socket.SOCK_STREAM, ("::1", facts["tcp"]))


def try_mptcp(facts):
    return send(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", facts["tcp"]), 262)


def try_metadata_service(facts):
    return send(socket.AF_INET, socket.SOCK_STREAM, ("169.254.169.254", 80))


def try_internet(facts):
    return send(socket.AF_INET, socket.SOCK_STREAM, ("1.1.1.1", 53))


def try_name_lookup(facts):
    return f"resolved: {socket.getaddrinfo('example.org', 80)}"


def try_abstract_socket(facts):
    return send(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + facts["abstract"])


def try_path_socket(facts):
    return send(socket.AF_UNIX, socket.SOCK_STREAM, facts["socket_path"])


def datagram(address):
    """One end of an unnamed pair may send to any name."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.sendto(b"out", address)
    return f"sent a datagram to {address}"


def try_datagram_pair_to_path(facts):
    return datagram(facts["datagram_path"])


def try_datagram_pair_to_abstract(facts):
    return datagram("\0" + facts["datagram_abstract"])


def try_pair_connects_elsewhere(facts):
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.connect(facts["datagram_path"])
    left.send(b"out")
    return "a pair connected to the host"


def try_stream_pair_sends_elsewhere(facts):
    left, right = socket.socketpair()
    left.sendto(b"out", facts["datagram_path"])
    return "a stream sent to an address"


def opened(family, kind=socket.SOCK_RAW, protocol=0):
    socket.socket(family, kind, protocol).close()
    return f"socket({family}, {kind}, {protocol}) opened"


def try_raw_socket(facts):
    return opened(socket.AF_INET, socket.SOCK_RAW, 1)


def try_packet_socket(facts):
    return opened(socket.AF_PACKET, socket.SOCK_RAW, 3)


def try_netlink(facts):
    return opened(socket.AF_NETLINK, socket.SOCK_RAW, 0)


def try_vsock(facts):
    return opened(40, socket.SOCK_STREAM)


def try_crypto_socket(facts):
    return opened(38, socket.SOCK_SEQPACKET)


def try_bluetooth_can_and_others(facts):
    for family in range(0, 50):
        if family == socket.AF_UNIX:
            continue
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                return opened(family, kind)
            except OSError:
                pass
    return None


def try_family_with_high_bits(facts):
    """The kernel reads the family as 32 bits, a filter that compares 64 would miss it."""
    fd = syscall(41, (1 << 32) | socket.AF_INET, socket.SOCK_STREAM, 0)
    return f"socket {fd}"


def try_socketpair_of_inet(facts):
    return f"socketpair: {syscall(53, socket.AF_INET, socket.SOCK_STREAM, 0, (__import__('ctypes').c_int * 2)())}"


def try_io_uring_socket(facts):
    return f"io_uring: {syscall(425, 4, (__import__('ctypes').c_char * 120)())}"


def try_own_port(facts):
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen()
        return f"listens on {server.getsockname()}"


def try_inherited_socket(facts):
    for fd in range(65536):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return f"inherited socket {fd}"
        except OSError:
            pass
    return None


def try_interfaces(facts):
    names = [n for _, n in socket.if_nameindex()]
    return f"interfaces: {names}" if names != ["lo"] else None


def try_pass_descriptor_inside(facts):
    left, right = socket.socketpair()
    socket.send_fds(left, [b"x"], [0])
    return inside(f"passes descriptors to itself: {len(socket.recv_fds(right, 1, 1)[1])}")
