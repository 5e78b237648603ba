await 1;
export default 'dep';
