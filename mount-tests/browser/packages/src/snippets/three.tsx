import * as THREE from 'three'
import { BoxGeometry, Vector3 } from 'three'
import { OrbitControls } from 'three/addons/controls/OrbitControls.js'
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js'

export default () => {
  const camera = new THREE.PerspectiveCamera()
  const controls = new OrbitControls(camera, document.body)
  return [
    new Vector3(1, 2, 3).cross(new THREE.Vector3(0, 1, 0)).toArray(),
    new BoxGeometry(1, 1, 1).attributes.position.count,
    controls.object === camera,
    new GLTFLoader() instanceof THREE.Loader,
  ]
}
