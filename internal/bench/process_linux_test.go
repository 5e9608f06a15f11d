package bench

import (
	"bufio"
	"os/exec"
	"testing"
	"time"
)

// TestFamilyTime has a child work for its parent, and end: its time must count
// before and after that.
func TestFamilyTime(t *testing.T) {
	t.Parallel()
	parent := exec.CommandContext(t.Context(), "sh", "-c", `(while :; do :; done) & echo; read line; kill $!; wait $!; echo; read line`)
	in, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Skipf("not run: %v", err)
	}
	t.Cleanup(func() {
		in.Close()
		parent.Wait()
	})
	said := bufio.NewReader(out)
	said.ReadString('\n') // the child works
	working, ok := familyTime(parent.Process.Pid)
	for ; ok && working < 100*time.Millisecond; working, ok = familyTime(parent.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	in.Write([]byte("\n"))
	said.ReadString('\n') // the child has ended
	ended, still := familyTime(parent.Process.Pid)
	if !ok || !still || ended < working {
		t.Errorf("%v while the child worked, %v after it had ended", working, ended)
	}
	if _, ok := familyTime(1 << 30); ok {
		t.Error("a process that is not there has used time")
	}
}
