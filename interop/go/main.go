// A sender and a receiver of events with the Go SDK for CloudEvents.
//
//	program send URL MODE PREFIX FILE      sends the events of a file; the token is in TOKEN
//	program receive                        a subscriber; ends with its standard input
package main

import (
	"fmt"
	"os"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 6 && os.Args[1] == "send":
		err = send(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	case len(os.Args) == 2 && os.Args[1] == "receive":
		err = receive()
	default:
		err = fmt.Errorf("send URL MODE PREFIX FILE, or receive")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
