"""Starts servers: HTTP, XML-RPC, a multiprocessing manager and what an event loop starts."""
import asyncio
import http.server
import multiprocessing.managers
import socketserver
import xmlrpc.server

attempt("HTTP server", lambda: http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler))
attempt("TCP server", lambda: socketserver.TCPServer(("", 0), socketserver.BaseRequestHandler))
attempt("XML-RPC server", lambda: xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0)))
attempt("manager", lambda: multiprocessing.managers.BaseManager(("127.0.0.1", 0)).start())
loop = asyncio.new_event_loop()
attempt("datagrams", lambda: loop.run_until_complete(loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))))
attempt("client", lambda: loop.run_until_complete(loop.create_connection(asyncio.Protocol, "127.0.0.1", TARGETS["port"])))
attempt("program", lambda: loop.run_until_complete(asyncio.create_subprocess_exec("true")))
