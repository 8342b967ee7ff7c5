"""Starts servers: HTTP, XML-RPC, a multiprocessing manager and an event loop."""
import asyncio
import http.server
import multiprocessing.managers
import selectors
import socketserver
import xmlrpc.server

attempt("HTTP server", lambda: http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler))
attempt("TCP server", lambda: socketserver.TCPServer(("", 0), socketserver.BaseRequestHandler))
attempt("XML-RPC server", lambda: xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0)))
attempt("manager", lambda: multiprocessing.managers.BaseManager(("127.0.0.1", 0)).start())
attempt("event loop", asyncio.new_event_loop)
attempt("epoll", selectors.EpollSelector)
