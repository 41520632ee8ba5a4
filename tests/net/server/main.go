// A program as people run it: busy, with net/http/pprof, over HTTP and over TLS. It prints its two
// addresses in one line and serves until its standard input ends.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
)

var sink []byte

//go:noinline
func burn(n int) (sum int) {
	for i := 0; i < n; i++ {
		sum += i * i % 7
	}
	return sum
}

func busy() {
	for {
		burn(1 << 20)
		sink = make([]byte, 1<<16)
		runtime.Gosched()
	}
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l
}

// Arguments: certificate and key of the server, certificate of the authority that signs clients.
func main() {
	go busy()
	plain, secure := listen(), listen()
	go http.Serve(plain, nil)
	pool := x509.NewCertPool()
	authority, err := os.ReadFile(os.Args[3])
	if err != nil || !pool.AppendCertsFromPEM(authority) {
		panic("no authority")
	}
	server := &http.Server{TLSConfig: &tls.Config{ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven}}
	http.HandleFunc("/whoami", func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		http.Redirect(w, r, "/debug/pprof/goroutine", http.StatusFound)
	})
	go server.ServeTLS(secure, os.Args[1], os.Args[2])
	fmt.Println(plain.Addr(), secure.Addr())
	io.Copy(io.Discard, os.Stdin)
}
