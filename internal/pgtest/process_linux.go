package pgtest

import "syscall"

// dieWithParent lets the kernel stop a server whose starter was killed.
// SIGQUIT is PostgreSQL's immediate shutdown.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
