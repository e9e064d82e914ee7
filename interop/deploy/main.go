// Reads the files of deploy/ with the packages of Compose and Helm, and prints the result as one line of JSON:
//
//	compose FILE                                           the project, as Compose understands it
//	chart FOLDER RELEASE NAMESPACE KUBERNETES [VALUES...]  remarks of `helm lint` and the documents of `helm template`
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	answer, err := run(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) (any, error) {
	switch {
	case len(arguments) == 2 && arguments[0] == "compose":
		return project(arguments[1])
	case len(arguments) >= 5 && arguments[0] == "chart":
		return render(arguments[1], arguments[2], arguments[3], arguments[4], arguments[5:])
	default:
		return nil, fmt.Errorf("not a request: %v", arguments)
	}
}
