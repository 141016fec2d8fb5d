//! Rows and keyring on a database server of the test's own: several processes on one, a server that is killed, a standby
//! that takes over, how it is reached, what the operator is told, a login and an end that cross, a backup that comes back, and what the server itself refuses the role that serves. `house` the
//! databases and who owns them, `load` clients that deliver meanwhile.

mod crash;
mod crossing;
mod depth;
mod failover;
mod house;
mod load;
mod months;
mod reached;
mod restore;
mod several;
mod trouble;
